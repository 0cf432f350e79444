-- One row a section and touched day of the source; days are from the first ever asked for to the last that was over.
INSERT INTO coverage BY NAME
WITH
-- A day is covered by who asked after its end.
asked AS (
    SELECT
        published_on,
        max(queried_at) AS checked_at,
        coalesce(list(method ORDER BY method) FILTER (error IS NULL), []) AS checked_by,
        map_from_entries(coalesce(list((method, error) ORDER BY method) FILTER (error IS NOT NULL), [])) AS failed_by,
        -- The silence of an archive says nothing.
        coalesce(bool_or(method NOT IN ('wayback', 'commoncrawl')) FILTER (error IS NULL), false) AS is_asked
    FROM last_looks SEMI JOIN touched_days USING (published_on)
    GROUP BY published_on
),
days AS (
    SELECT unnest(generate_series(min(published_on), max(published_on), INTERVAL 1 DAY))::DATE AS published_on
    FROM last_looks
),
mine AS (
    SELECT article_id, section, published_on
    FROM articles SEMI JOIN touched_days USING (published_on)
    WHERE source = $source
),
loads AS (
    SELECT section, published_on, count(*) AS loaded
    FROM mine
    GROUP BY section, published_on
),
opened AS (
    SELECT * FROM rejects
    WHERE source = $source AND resolved_at IS NULL AND url IS NOT NULL AND stage <> 'discover'
),
-- Here and below the rows first, by a narrow column: the others are read only where they are wanted.
rejected AS MATERIALIZED (
    SELECT captures.rowid AS place FROM captures SEMI JOIN opened USING (capture_id)
),
rejections AS (
    SELECT
        CASE WHEN via <> 'web' THEN captures.requested_url ELSE opened.url END AS url,
        opened.reason, opened.capture_id,
        -- The reasons whose policy is "permanent"; and a copy in an archive will not become another.
        via IS DISTINCT FROM 'web' AND via IS NOT NULL
            OR opened.reason IN ('not_html', 'removed_page', 'not_article') AS is_final
    FROM opened
    LEFT JOIN (
        SELECT capture_id, via, requested_url FROM captures JOIN rejected ON captures.rowid = place
    ) AS captures USING (capture_id)
    QUALIFY row_number() OVER (
        PARTITION BY CASE WHEN via <> 'web' THEN captures.requested_url ELSE opened.url END
        ORDER BY rejected_at DESC, reject_id
    ) = 1
),
-- The last day of each month that anybody asked for.
months AS (
    SELECT last_day(published_on) AS day, max(published_on) AS published_on FROM days GROUP BY ALL
),
-- What is discovered for these counts on a touched day.
discovered_days AS (
    SELECT published_on FROM touched_days ANTI JOIN months ON months.day = touched_days.published_on
    UNION
    SELECT day FROM months SEMI JOIN touched_days USING (published_on)
),
owned AS MATERIALIZED (
    SELECT article_urls.rowid AS place FROM article_urls SEMI JOIN mine USING (article_id)
),
wanted AS MATERIALIZED (
    SELECT url FROM article_urls JOIN owned ON article_urls.rowid = place WHERE source = $source
    UNION
    SELECT url FROM discovered_links SEMI JOIN discovered_days USING (published_on) WHERE source = $source
),
announcing AS MATERIALIZED (
    SELECT discovered_links.rowid AS place FROM discovered_links SEMI JOIN wanted USING (url)
),
addresses AS MATERIALIZED (
    SELECT
        url,
        -- Where one method tells the month alone, its last day is what is kept; another may tell the day.
        min(published_on) AS day,
        -- The same of sections: a search tells none.
        max(section) AS section,
        list(DISTINCT method) AS methods
    FROM discovered_links JOIN announcing ON discovered_links.rowid = place
    WHERE source = $source
    GROUP BY url
),
known AS MATERIALIZED (
    SELECT article_urls.rowid AS place FROM article_urls SEMI JOIN addresses USING (url)
),
-- An article may have several addresses; what is lacking is its address.
found AS (
    SELECT
        coalesce(articles.published_on, least(addresses.day, months.published_on)) AS published_on,
        coalesce(articles.section, addresses.section) AS section,
        articles.article_id, methods,
        articles.article_id IS NULL AS is_lacking,
        rejections.reason,
        coalesce(rejections.is_final, false) AS is_final,
        rejections.capture_id IS NOT NULL AS is_fetched
    FROM addresses
    LEFT JOIN (
        SELECT url, article_id FROM article_urls JOIN known ON article_urls.rowid = place WHERE source = $source
    ) AS article_urls USING (url)
    LEFT JOIN articles USING (article_id)
    LEFT JOIN rejections USING (url)
    LEFT JOIN months ON months.day = addresses.day
),
items AS (
    FROM found SEMI JOIN touched_days USING (published_on)
),
methods AS (
    SELECT section, published_on, map_from_entries(list((method, n) ORDER BY method)) AS discovered_by
    FROM (
        SELECT
            section, published_on, method,
            count(DISTINCT article_id) + count(*) FILTER (is_lacking) AS n
        FROM (SELECT * EXCLUDE (methods), unnest(methods) AS method FROM items)
        GROUP BY ALL
    )
    GROUP BY section, published_on
),
counts AS (
    SELECT
        section, published_on,
        count(DISTINCT article_id) + count(*) FILTER (is_lacking) AS discovered,
        count(*) FILTER (is_lacking AND reason IS NOT NULL) AS rejected,
        count(*) FILTER (is_lacking AND is_fetched) AS unread,
        count(*) FILTER (is_lacking AND NOT is_final) AS missing,
        list(DISTINCT reason ORDER BY reason) FILTER (reason IS NOT NULL AND is_lacking AND NOT is_final) AS reasons
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
    coalesce(loaded, 0) + coalesce(unread, 0) AS fetched,
    coalesce(loaded, 0) AS loaded,
    coalesce(rejected, 0) AS rejected,
    coalesce(missing, 0) AS missing,
    NULL AS expected,
    CASE
        WHEN checked_at IS NULL THEN 'not checked'
        WHEN coalesce(loaded, 0) = 0 AND (coalesce(missing, 0) > 0 OR checked_by = []) THEN 'failed'
        WHEN NOT is_asked AND coalesce(loaded, 0) + coalesce(discovered, 0) = 0 THEN 'not checked'
        WHEN coalesce(missing, 0) > 0 OR cardinality(failed_by) > 0 OR NOT is_asked THEN 'partial'
        WHEN coalesce(loaded, 0) + coalesce(discovered, 0) > 0 THEN 'complete'
        ELSE 'no articles'
    END AS state,
    coalesce(checked_by, []) AS checked_by,
    coalesce(failed_by, MAP {}::MAP(VARCHAR, VARCHAR)) AS failed_by,
    coalesce(reasons, []) AS reasons,
    checked_at
FROM sections
LEFT JOIN asked USING (published_on)
LEFT JOIN loads
    ON loads.published_on = sections.published_on AND loads.section IS NOT DISTINCT FROM sections.section
LEFT JOIN counts
    ON counts.published_on = sections.published_on AND counts.section IS NOT DISTINCT FROM sections.section
LEFT JOIN methods
    ON methods.published_on = sections.published_on AND methods.section IS NOT DISTINCT FROM sections.section
