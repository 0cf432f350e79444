-- One row per article of the batch, or with a URL rejected in it, that the site has removed or restored.
UPDATE articles
SET gone_at = changes.gone_at
FROM (
    WITH rejected AS (
        SELECT source, url, reason, rejected_at, capture_id FROM incoming_rejects
        UNION
        SELECT source, url, reason, rejected_at, capture_id FROM rejects WHERE resolved_at IS NULL
    ),
    touched AS (
        SELECT article_id FROM incoming_capture_articles
        UNION
        SELECT article_id FROM article_urls SEMI JOIN incoming_rejects USING (source, url)
    ),
    misses AS (
        SELECT article_id, rejected_at
        FROM article_urls
        SEMI JOIN touched USING (article_id)
        JOIN rejected USING (source, url)
        LEFT JOIN captures USING (capture_id)
        WHERE
            is_canonical AND coalesce(via, 'web') = 'web'
            AND (
                reason IN ('soft_404', 'removed_page')
                OR (reason = 'http_status' AND status IN (404, 410))
                -- The site itself sends readers elsewhere. A redirect to another host may be a consent page.
                OR (
                    reason = 'redirected_away'
                    AND coalesce(
                        regexp_extract(captures.url, '//([^/]*)', 1) = regexp_extract(article_urls.url, '//([^/]*)', 1),
                        -- A redirect to another article has no capture of its own.
                        capture_id IS NULL
                    )
                )
            )
    ),
    successes AS (
        SELECT article_id, max(fetched_at) AS fetched_at
        FROM captures SEMI JOIN touched USING (article_id)
        WHERE via = 'web'
        GROUP BY article_id
    )
    SELECT
        articles.article_id,
        least(
            min(rejected_at) FILTER (successes.fetched_at IS NULL OR rejected_at > successes.fetched_at),
            any_value(articles.gone_at) FILTER (successes.fetched_at IS NULL OR articles.gone_at > successes.fetched_at)
        ) AS gone_at
    FROM articles
    SEMI JOIN touched USING (article_id)
    LEFT JOIN misses USING (article_id)
    LEFT JOIN successes USING (article_id)
    GROUP BY articles.article_id
) AS changes
WHERE articles.article_id = changes.article_id AND articles.gone_at IS DISTINCT FROM changes.gone_at
