-- One row an address refused in the batch, or of a refusal that it resolved; of a copy in an archive the page's own.
INSERT INTO pending_days
WITH refused AS (
    SELECT source, url, capture_id FROM incoming_rejects
    UNION
    SELECT source, url, capture_id FROM rejects WHERE resolved_run_id = $run_id
)
(
    SELECT source, NULL, url FROM refused WHERE url IS NOT NULL
    UNION
    SELECT captures.source, NULL, requested_url FROM captures SEMI JOIN refused USING (capture_id) WHERE via <> 'web'
)
EXCEPT
FROM pending_days
