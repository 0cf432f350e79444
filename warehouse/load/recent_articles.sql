-- One row an article since $since that the site has given and that was not asked for after $asked_before.
WITH looked AS (
    SELECT url, max(requested_at) AS looked_at FROM requests WHERE source = $source AND why = 'article' GROUP BY url
),
newest AS (
    SELECT requested_url AS url, url AS answered_by, fetched_at, etag, last_modified, file, "offset"
    FROM captures
    WHERE source = $source AND kind = 'article' AND via = 'web' AND article_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY requested_url ORDER BY fetched_at DESC, capture_id) = 1
)
SELECT
    url, section,
    CASE WHEN answered_by = url THEN etag END AS etag,
    CASE WHEN answered_by = url THEN last_modified END AS last_modified,
    file, "offset"
FROM articles
JOIN newest USING (url)
LEFT JOIN looked USING (url)
WHERE
    source = $source AND published_on >= $since AND gone_at IS NULL
    AND greatest(fetched_at, looked_at) < $asked_before
ORDER BY published_at DESC, url
