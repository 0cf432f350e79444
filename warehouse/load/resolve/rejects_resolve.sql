-- One row per open reject of a URL in the batch whose article was parsed from the same or a later capture.
UPDATE rejects
SET
    resolved_at = resolution.fetched_at, resolved_by = resolution.capture_id, resolved_run_id = $run_id
FROM (
    SELECT
        open.reject_id,
        min(captures.fetched_at) AS fetched_at,
        arg_min(captures.capture_id, (captures.fetched_at, captures.capture_id)) AS capture_id
    FROM rejects AS open
    JOIN article_urls ON article_urls.source = open.source AND article_urls.url = open.url
    JOIN captures ON captures.article_id = article_urls.article_id
    WHERE
        open.resolved_at IS NULL
        AND open.url IN (SELECT url FROM incoming_urls UNION SELECT url FROM incoming_rejects WHERE url IS NOT NULL)
        AND (captures.fetched_at >= open.rejected_at OR captures.capture_id = open.capture_id)
    GROUP BY open.reject_id
) AS resolution
WHERE rejects.reject_id = resolution.reject_id
