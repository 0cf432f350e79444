-- One row an address of the source, or two, that needs no fetch: an article's that the site gave, or a rejected one.
-- Of rejected ones those are left out that are due at $due_before; if somebody wants them again, all but those
-- that will never be an article. What a person had forgotten is not known until it is had again.
WITH newest_rejects AS (
    SELECT url, reason, retry_at
    FROM rejects
    WHERE source = $source AND url IS NOT NULL AND resolved_at IS NULL
    QUALIFY row_number() OVER (PARTITION BY url ORDER BY rejected_at DESC, reject_id) = 1
),
forgotten AS (
    SELECT url
    FROM operator_overrides
    WHERE source = $source AND kind = 'refetch' AND NOT EXISTS (
        FROM captures
        WHERE
            captures.source = $source AND captures.requested_url = operator_overrides.url
            AND captures.fetched_at > operator_overrides.made_at
    )
),
kept AS MATERIALIZED (
    SELECT DISTINCT requested_url FROM captures WHERE source = $source AND via <> 'web'
),
-- Archives and files gave it, and the site was not asked.
copied AS (
    SELECT requested_url AS url
    FROM kept
    ANTI JOIN (
        SELECT requested_url FROM captures SEMI JOIN kept USING (requested_url) WHERE source = $source AND via = 'web'
    ) AS asked USING (requested_url)
)
SELECT url
FROM (
    SELECT url FROM article_urls WHERE source = $source AND url NOT IN (FROM copied)
    UNION ALL
    SELECT url
    FROM newest_rejects
    WHERE CASE
        WHEN $is_wanted THEN reason IN ('not_html', 'removed_page', 'not_article')
        ELSE retry_at IS NULL OR retry_at > $due_before::TIMESTAMPTZ
    END
)
WHERE url NOT IN (FROM forgotten)
