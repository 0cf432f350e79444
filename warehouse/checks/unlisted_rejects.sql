-- One row per run that counted rejects but has no row in rejects.
-- error: run newsetl rebuild; if it remains, report it with these rows.
WITH newest AS (
    SELECT source, max(rejected_at) AS rejected_at FROM rejects GROUP BY source
),
-- Usually empty; then captures is not read.
unlisted AS MATERIALIZED (
    SELECT source, started_at, rejected, run_id
    FROM runs
    LEFT JOIN newest USING (source)
    WHERE rejected > 0 AND kind = 'ingest' AND (rejected_at IS NULL OR rejected_at < started_at)
)
SELECT source, started_at, rejected, run_id
FROM unlisted
ANTI JOIN (
    SELECT run_id FROM captures SEMI JOIN unlisted USING (run_id) SEMI JOIN rejects USING (capture_id)
) AS listed USING (run_id)
ORDER BY started_at DESC, run_id
