-- One row an address rejected in the batch, or of a refusal that it resolved; of a copy in an archive the page's own.
INSERT INTO internal.coverage_queue
WITH rejected AS (
    SELECT source, url, capture_id FROM incoming_rejects
    UNION
    SELECT source, url, capture_id FROM rejects WHERE resolved_run_id = $run_id
)
(
    SELECT source, NULL, url FROM rejected WHERE url IS NOT NULL
    UNION
    SELECT captures.source, NULL, requested_url FROM captures SEMI JOIN rejected USING (capture_id) WHERE via <> 'web'
)
EXCEPT
FROM internal.coverage_queue
