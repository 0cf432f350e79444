-- One row an address of the source that needs no fetch: an article's, or one refused and not yet due.
-- What only archives and files gave is no reason not to ask the site.
WITH newest_rejects AS (
    SELECT url, retry_at
    FROM rejects
    WHERE source = $source AND url IS NOT NULL AND resolved_at IS NULL
    QUALIFY row_number() OVER (PARTITION BY url ORDER BY rejected_at DESC, reject_id) = 1
)
SELECT url
FROM article_urls
WHERE source = $source AND article_id NOT IN (
    SELECT article_id
    FROM captures
    WHERE source = $source AND article_id IS NOT NULL
    GROUP BY article_id
    HAVING bool_and(via <> 'web')
)
UNION
SELECT url FROM newest_rejects WHERE retry_at IS NULL OR retry_at > $now
