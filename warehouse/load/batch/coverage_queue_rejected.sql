-- One row per URL that the batch rejects or resolves; for a copy of a page, also the URL of the page.
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
