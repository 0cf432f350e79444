-- One row an address of the source that needs no fetch: an article's, or one refused and not due at $due_before.
-- What only archives and files gave is no reason not to ask the site, and a person may have it forgotten.
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
) AND url NOT IN (
    SELECT interventions.url
    FROM interventions
    WHERE interventions.source = $source AND kind = 'forget' AND NOT EXISTS (
        FROM captures
        WHERE
            captures.source = $source AND captures.requested_url = interventions.url
            AND captures.fetched_at > interventions.made_at
    )
)
UNION
SELECT url FROM newest_rejects WHERE retry_at IS NULL OR coalesce(retry_at > $due_before::TIMESTAMPTZ, true)
