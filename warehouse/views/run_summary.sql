-- One row per run with its requests, the newest first.
CREATE OR REPLACE VIEW run_summary AS
WITH totals AS (
    SELECT run_id, count(*) FILTER (is_allowed) AS requests, sum(size)::BIGINT AS bytes, sum(waited) AS waited
    FROM requests
    GROUP BY run_id
)
SELECT
    source, kind, since, until, state, started_at, ended_at, seconds, discovered, new, changed, already_loaded, rejected,
    coalesce(requests, 0) AS requests, coalesce(bytes, 0) AS bytes, coalesce(waited, 0) AS waited,
    error, newsetl_version, run_id, discovered AS found, already_loaded AS known
FROM runs
LEFT JOIN totals USING (run_id)
ORDER BY started_at DESC, run_id;
COMMENT ON VIEW run_summary IS 'One row per run with its requests, the newest first.';
COMMENT ON COLUMN run_summary.requests IS 'Requests sent.';
COMMENT ON COLUMN run_summary.bytes IS 'Bytes received.';
COMMENT ON COLUMN run_summary.waited IS 'Seconds waited before requests, all requests together.';
COMMENT ON COLUMN run_summary.found IS 'The old name of discovered, until 1.0.';
COMMENT ON COLUMN run_summary.known IS 'The old name of already_loaded, until 1.0.';
