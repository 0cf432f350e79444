-- One row per section and touched day of the source, between the first and the last day that was queried after its end.
INSERT INTO coverage BY NAME
WITH
-- The last query of each method after the day's end.
checks AS (
    SELECT
        published_on,
        max(queried_at) AS checked_at,
        coalesce(list(method ORDER BY method) FILTER (error IS NULL), []) AS checked_by,
        map_from_entries(coalesce(list((method, error) ORDER BY method) FILTER (error IS NOT NULL), [])) AS failed_by,
        -- Web archives do not count: they may lack articles.
        coalesce(bool_or(method NOT IN ('wayback', 'commoncrawl')) FILTER (error IS NULL), false) AS is_checked
    FROM last_queries SEMI JOIN touched_days USING (published_on)
    GROUP BY published_on
),
days AS (
    SELECT unnest(generate_series(min(published_on), max(published_on), INTERVAL 1 DAY))::DATE AS published_on
    FROM last_queries
),
source_articles AS (
    SELECT article_id, section, published_on
    FROM articles SEMI JOIN touched_days USING (published_on)
    WHERE source = $source
),
loads AS (
    SELECT section, published_on, count(*) AS loaded
    FROM source_articles
    GROUP BY section, published_on
),
unresolved AS (
    SELECT * FROM rejects
    WHERE source = $source AND resolved_at IS NULL AND url IS NOT NULL AND stage <> 'discover'
),
-- Here and below row ids first: scanning a narrow column avoids reading the wide columns of other rows.
rejected AS MATERIALIZED (
    SELECT captures.rowid AS row_id FROM captures SEMI JOIN unresolved USING (capture_id)
),
rejections AS (
    SELECT
        CASE WHEN via <> 'web' THEN captures.requested_url ELSE unresolved.url END AS url,
        unresolved.reason, unresolved.capture_id,
        -- Reasons whose policy is "permanent". Copies in web archives and files do not change either.
        via IS DISTINCT FROM 'web' AND via IS NOT NULL
            OR unresolved.reason IN ('not_html', 'removed_page', 'not_article') AS is_final
    FROM unresolved
    LEFT JOIN (
        SELECT capture_id, via, requested_url FROM captures JOIN rejected ON captures.rowid = row_id
    ) AS captures USING (capture_id)
    QUALIFY row_number() OVER (
        PARTITION BY CASE WHEN via <> 'web' THEN captures.requested_url ELSE unresolved.url END
        ORDER BY rejected_at DESC, reject_id
    ) = 1
),
-- For each month the last day that was queried.
months AS (
    SELECT last_day(published_on) AS day, max(published_on) AS published_on FROM days GROUP BY ALL
),
-- Links with these days count on a touched day.
discovered_days AS (
    SELECT published_on FROM touched_days ANTI JOIN months ON months.day = touched_days.published_on
    UNION
    SELECT day FROM months SEMI JOIN touched_days USING (published_on)
),
article_url_rows AS MATERIALIZED (
    SELECT article_urls.rowid AS row_id FROM article_urls SEMI JOIN source_articles USING (article_id)
),
touched_urls AS MATERIALIZED (
    SELECT url FROM article_urls JOIN article_url_rows ON article_urls.rowid = row_id WHERE source = $source
    UNION
    SELECT url FROM discovered_links SEMI JOIN discovered_days USING (published_on) WHERE source = $source
),
link_rows AS MATERIALIZED (
    SELECT discovered_links.rowid AS row_id FROM discovered_links SEMI JOIN touched_urls USING (url)
),
urls AS MATERIALIZED (
    SELECT
        url,
        -- A link of which only the month is known has the month's last day; another method may know the day.
        min(published_on) AS day,
        -- Search results have no section; another method may.
        max(section) AS section,
        list(DISTINCT method) AS methods
    FROM discovered_links JOIN link_rows ON discovered_links.rowid = row_id
    WHERE source = $source
    GROUP BY url
),
known_url_rows AS MATERIALIZED (
    SELECT article_urls.rowid AS row_id FROM article_urls SEMI JOIN urls USING (url)
),
-- An article may have several URLs; a missing article is counted by URL.
discovered_items AS (
    SELECT
        coalesce(articles.published_on, least(urls.day, months.published_on)) AS published_on,
        coalesce(articles.section, urls.section) AS section,
        articles.article_id, methods,
        articles.article_id IS NULL AS is_missing,
        rejections.reason,
        coalesce(rejections.is_final, false) AS is_final,
        rejections.capture_id IS NOT NULL AS is_fetched
    FROM urls
    LEFT JOIN (
        SELECT url, article_id FROM article_urls JOIN known_url_rows ON article_urls.rowid = row_id WHERE source = $source
    ) AS article_urls USING (url)
    LEFT JOIN articles USING (article_id)
    LEFT JOIN rejections USING (url)
    LEFT JOIN months ON months.day = urls.day
),
items AS (
    FROM discovered_items SEMI JOIN touched_days USING (published_on)
),
methods AS (
    SELECT section, published_on, map_from_entries(list((method, n) ORDER BY method)) AS discovered_by
    FROM (
        SELECT
            section, published_on, method,
            count(DISTINCT article_id) + count(*) FILTER (is_missing) AS n
        FROM (SELECT * EXCLUDE (methods), unnest(methods) AS method FROM items)
        GROUP BY ALL
    )
    GROUP BY section, published_on
),
counts AS (
    SELECT
        section, published_on,
        count(DISTINCT article_id) + count(*) FILTER (is_missing) AS discovered,
        count(*) FILTER (is_missing AND reason IS NOT NULL) AS rejected,
        count(*) FILTER (is_missing AND is_fetched) AS fetched_only,
        count(*) FILTER (is_missing AND NOT is_final) AS missing,
        list(DISTINCT reason ORDER BY reason) FILTER (reason IS NOT NULL AND is_missing AND NOT is_final) AS reasons
    FROM items
    GROUP BY section, published_on
),
sections AS (
    SELECT section, published_on
    FROM (SELECT DISTINCT section FROM articles WHERE source = $source) CROSS JOIN touched_days
    UNION
    SELECT section, published_on FROM counts
    UNION
    SELECT NULL, published_on FROM touched_days WHERE NOT EXISTS (FROM articles WHERE source = $source)
)
SELECT
    $source AS source, sections.section, sections.published_on,
    coalesce(discovered, 0) AS discovered,
    coalesce(discovered_by, MAP {}::MAP(VARCHAR, BIGINT)) AS discovered_by,
    coalesce(loaded, 0) + coalesce(fetched_only, 0) AS fetched,
    coalesce(loaded, 0) AS loaded,
    coalesce(rejected, 0) AS rejected,
    coalesce(missing, 0) AS missing,
    NULL AS expected,
    CASE
        WHEN checked_at IS NULL THEN 'not checked'
        WHEN coalesce(loaded, 0) = 0 AND (coalesce(missing, 0) > 0 OR checked_by = []) THEN 'failed'
        WHEN NOT is_checked AND coalesce(loaded, 0) + coalesce(discovered, 0) = 0 THEN 'not checked'
        WHEN coalesce(missing, 0) > 0 OR cardinality(failed_by) > 0 OR NOT is_checked THEN 'partial'
        WHEN coalesce(loaded, 0) + coalesce(discovered, 0) > 0 THEN 'complete'
        ELSE 'no articles'
    END AS state,
    coalesce(checked_by, []) AS checked_by,
    coalesce(failed_by, MAP {}::MAP(VARCHAR, VARCHAR)) AS failed_by,
    coalesce(reasons, []) AS reasons,
    checked_at
FROM sections
LEFT JOIN checks USING (published_on)
LEFT JOIN loads
    ON loads.published_on = sections.published_on AND loads.section IS NOT DISTINCT FROM sections.section
LEFT JOIN counts
    ON counts.published_on = sections.published_on AND counts.section IS NOT DISTINCT FROM sections.section
LEFT JOIN methods
    ON methods.published_on = sections.published_on AND methods.section IS NOT DISTINCT FROM sections.section
