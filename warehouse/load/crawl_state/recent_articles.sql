-- One row an article since $since that the site has given and that was not asked for after $asked_before.
WITH recent AS MATERIALIZED (
    SELECT url, section, published_at, gone_at
    FROM articles
    WHERE source = $source AND published_on >= $since
),
looked AS (
    SELECT url, max(requested_at) AS checked_at
    FROM requests SEMI JOIN recent USING (url)
    WHERE source = $source AND kind = 'article'
    GROUP BY url
),
newest AS (
    SELECT requested_url AS url, captures.url AS answered_by, fetched_at, etag, last_modified, file, "offset"
    FROM captures SEMI JOIN recent ON requested_url = recent.url
    WHERE source = $source AND kind = 'article' AND via = 'web' AND article_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY requested_url ORDER BY fetched_at DESC, capture_id) = 1
)
SELECT
    url, section,
    -- What is gone and comes back must be given whole.
    CASE WHEN answered_by = url AND gone_at IS NULL THEN etag END AS etag,
    CASE WHEN answered_by = url AND gone_at IS NULL THEN last_modified END AS last_modified,
    file, "offset"
FROM recent
JOIN newest USING (url)
LEFT JOIN looked USING (url)
WHERE greatest(fetched_at, checked_at) < $asked_before
ORDER BY published_at DESC, url
