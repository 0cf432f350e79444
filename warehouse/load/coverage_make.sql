-- One row a section and touched day of the source; days are from the first ever asked for to the last that was over.
INSERT INTO coverage BY NAME
WITH
-- A day is covered by who asked after its end.
asked AS (
    SELECT
        published_on,
        max(asked_at) AS looked_at,
        coalesce(list(way ORDER BY way) FILTER (error IS NULL), []) AS asked_by,
        map_from_entries(coalesce(list((way, error) ORDER BY way) FILTER (error IS NOT NULL), [])) AS failed_by,
        -- The silence of an archive says nothing.
        coalesce(bool_or(way NOT IN ('wayback', 'commoncrawl')) FILTER (error IS NULL), false) AS is_asked
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
refused AS MATERIALIZED (
    SELECT captures.rowid AS place FROM captures SEMI JOIN opened USING (capture_id)
),
refusals AS (
    SELECT
        CASE WHEN via <> 'web' THEN captures.requested_url ELSE opened.url END AS url,
        opened.reason, opened.capture_id,
        -- The reasons whose policy is "never"; and a copy in an archive will not become another.
        via IS DISTINCT FROM 'web' AND via IS NOT NULL
            OR opened.reason IN ('binary', 'removed_page', 'not_article') AS is_final
    FROM opened
    LEFT JOIN (
        SELECT capture_id, via, requested_url FROM captures JOIN refused ON captures.rowid = place
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
-- What is announced for these counts on a touched day.
announced_days AS (
    SELECT published_on AS announced_on FROM touched_days ANTI JOIN months ON months.day = touched_days.published_on
    UNION
    SELECT day FROM months SEMI JOIN touched_days USING (published_on)
),
owned AS MATERIALIZED (
    SELECT article_urls.rowid AS place FROM article_urls SEMI JOIN mine USING (article_id)
),
wanted AS MATERIALIZED (
    SELECT url FROM article_urls JOIN owned ON article_urls.rowid = place WHERE source = $source
    UNION
    SELECT url FROM announcements SEMI JOIN announced_days USING (announced_on) WHERE source = $source
),
announcing AS MATERIALIZED (
    SELECT announcements.rowid AS place FROM announcements SEMI JOIN wanted USING (url)
),
addresses AS MATERIALIZED (
    SELECT
        url,
        -- Where one way tells the month alone, its last day is what is kept; another may tell the day.
        min(announced_on) AS day,
        -- The same of sections: a search tells none.
        max(section) AS section,
        list(DISTINCT way) AS ways
    FROM announcements JOIN announcing ON announcements.rowid = place
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
        articles.article_id, ways,
        articles.article_id IS NULL AS is_lacking,
        refusals.reason,
        coalesce(refusals.is_final, false) AS is_final,
        refusals.capture_id IS NOT NULL AS is_fetched
    FROM addresses
    LEFT JOIN (
        SELECT url, article_id FROM article_urls JOIN known ON article_urls.rowid = place WHERE source = $source
    ) AS article_urls USING (url)
    LEFT JOIN articles USING (article_id)
    LEFT JOIN refusals USING (url)
    LEFT JOIN months ON months.day = addresses.day
),
items AS (
    FROM found SEMI JOIN touched_days USING (published_on)
),
ways AS (
    SELECT section, published_on, map_from_entries(list((way, n) ORDER BY way)) AS announced_by
    FROM (
        SELECT
            section, published_on, way,
            count(DISTINCT article_id) + count(*) FILTER (is_lacking) AS n
        FROM (SELECT * EXCLUDE (ways), unnest(ways) AS way FROM items)
        GROUP BY ALL
    )
    GROUP BY section, published_on
),
counts AS (
    SELECT
        section, published_on,
        count(DISTINCT article_id) + count(*) FILTER (is_lacking) AS announced,
        count(*) FILTER (is_lacking AND reason IS NOT NULL) AS refused,
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
    coalesce(announced, 0) AS announced,
    coalesce(announced_by, MAP {}::MAP(VARCHAR, BIGINT)) AS announced_by,
    coalesce(loaded, 0) + coalesce(unread, 0) AS fetched,
    coalesce(loaded, 0) AS loaded,
    coalesce(refused, 0) AS refused,
    coalesce(missing, 0) AS missing,
    NULL AS expected,
    CASE
        WHEN looked_at IS NULL THEN 'never asked'
        WHEN coalesce(loaded, 0) = 0 AND (coalesce(missing, 0) > 0 OR asked_by = []) THEN 'failed'
        WHEN NOT is_asked AND coalesce(loaded, 0) + coalesce(announced, 0) = 0 THEN 'never asked'
        WHEN coalesce(missing, 0) > 0 OR cardinality(failed_by) > 0 OR NOT is_asked THEN 'partial'
        WHEN coalesce(loaded, 0) + coalesce(announced, 0) > 0 THEN 'complete'
        ELSE 'quiet'
    END AS state,
    coalesce(asked_by, []) AS asked_by,
    coalesce(failed_by, MAP {}::MAP(VARCHAR, VARCHAR)) AS failed_by,
    coalesce(reasons, []) AS reasons,
    looked_at
FROM sections
LEFT JOIN asked USING (published_on)
LEFT JOIN loads
    ON loads.published_on = sections.published_on AND loads.section IS NOT DISTINCT FROM sections.section
LEFT JOIN counts
    ON counts.published_on = sections.published_on AND counts.section IS NOT DISTINCT FROM sections.section
LEFT JOIN ways
    ON ways.published_on = sections.published_on AND ways.section IS NOT DISTINCT FROM sections.section
