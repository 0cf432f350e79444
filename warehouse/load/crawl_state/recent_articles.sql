-- One row per article published since $since, fetched from the site and not requested after $requested_before.
WITH recent AS MATERIALIZED (
    SELECT url, section, published_at, gone_at
    FROM articles
    WHERE source = $source AND published_on >= $since
),
requested AS (
    SELECT url, max(requested_at) AS last_requested_at
    FROM requests SEMI JOIN recent USING (url)
    WHERE source = $source AND kind = 'article'
    GROUP BY url
),
newest AS (
    SELECT requested_url AS url, captures.url AS response_url, fetched_at, etag, last_modified, file, "offset"
    FROM captures SEMI JOIN recent ON requested_url = recent.url
    WHERE source = $source AND kind = 'article' AND via = 'web' AND article_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY requested_url ORDER BY fetched_at DESC, capture_id) = 1
)
SELECT
    url, section,
    -- No validators for a removed article: if the site restores it, the response must have a body.
    CASE WHEN response_url = url AND gone_at IS NULL AND fetched_at >= $validators_since THEN etag END AS etag,
    CASE WHEN response_url = url AND gone_at IS NULL AND fetched_at >= $validators_since THEN last_modified END
        AS last_modified,
    file, "offset"
FROM recent
JOIN newest USING (url)
LEFT JOIN requested USING (url)
WHERE greatest(fetched_at, last_requested_at) < $requested_before
ORDER BY published_at DESC, url
