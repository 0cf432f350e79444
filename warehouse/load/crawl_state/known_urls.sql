-- One row per URL of the source that needs no fetch: of an article that was fetched from the site, or rejected.
-- Rejected URLs are left out if they are due at $due_before; if $is_wanted, unless their reason is permanent.
-- URLs with a refetch override are left out until they are fetched again.
WITH newest_rejects AS (
    SELECT url, reason, retry_at
    FROM rejects
    WHERE source = $source AND url IS NOT NULL AND resolved_at IS NULL
    QUALIFY row_number() OVER (PARTITION BY url ORDER BY rejected_at DESC, reject_id) = 1
),
to_refetch AS (
    SELECT url
    FROM operator_overrides
    WHERE source = $source AND kind = 'refetch' AND NOT EXISTS (
        FROM captures
        WHERE
            captures.source = $source AND captures.requested_url = operator_overrides.url
            AND captures.fetched_at > operator_overrides.made_at
    )
),
copied AS MATERIALIZED (
    SELECT DISTINCT requested_url FROM captures WHERE source = $source AND via <> 'web'
),
-- URLs with captures from web archives or files only.
only_copied AS (
    SELECT requested_url AS url
    FROM copied
    ANTI JOIN (
        SELECT requested_url FROM captures SEMI JOIN copied USING (requested_url) WHERE source = $source AND via = 'web'
    ) AS fetched USING (requested_url)
)
SELECT url
FROM (
    SELECT url FROM article_urls WHERE source = $source AND url NOT IN (FROM only_copied)
    UNION ALL
    SELECT url
    FROM newest_rejects
    WHERE CASE
        WHEN $is_wanted THEN reason IN ('not_html', 'removed_page', 'not_article')
        ELSE retry_at IS NULL OR retry_at > $due_before::TIMESTAMPTZ
    END
)
WHERE url NOT IN (FROM to_refetch)
