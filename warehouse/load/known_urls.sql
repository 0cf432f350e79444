-- One row an address of the source that needs no fetch: an article's, or one refused and not yet due.
WITH newest_rejects AS (
    SELECT url, retry_at
    FROM rejects
    WHERE source = $source AND url IS NOT NULL AND resolved_at IS NULL
    QUALIFY row_number() OVER (PARTITION BY url ORDER BY rejected_at DESC, reject_id) = 1
)
SELECT url FROM article_urls WHERE source = $source
UNION
SELECT url FROM newest_rejects WHERE retry_at IS NULL OR retry_at > $now
