-- One row a section and day of the source, from the first day that was ever asked for to the last that was over.
INSERT INTO coverage BY NAME
WITH
-- A day is covered by who asked after its end.
looks AS (
    SELECT
        unnest(generate_series(
            since,
            least(until, (timezone(sources.timezone, asked_at))::DATE - 1),
            INTERVAL 1 DAY
        ))::DATE AS published_on,
        way, asked_at, error
    FROM askings
    JOIN sources ON sources.slug = askings.source
    -- What a way that shows the newest articles lacked once, it will not show for days that it has left behind.
    WHERE source = $source AND (error IS NULL OR way NOT IN ('listing', 'sitemap', 'feed') OR NOT EXISTS (
        FROM askings AS later
        WHERE
            later.source = askings.source AND later.way = askings.way
            AND later.asked_at > askings.asked_at AND later.error IS NULL
    ))
),
last_looks AS (
    SELECT published_on, way, asked_at, error
    FROM looks
    QUALIFY row_number() OVER (PARTITION BY published_on, way ORDER BY asked_at DESC, error NULLS FIRST) = 1
),
asked AS (
    SELECT
        published_on,
        max(asked_at) AS looked_at,
        coalesce(list(way ORDER BY way) FILTER (error IS NULL), []) AS asked_by,
        map_from_entries(coalesce(list((way, error) ORDER BY way) FILTER (error IS NOT NULL), [])) AS failed_by,
        -- The silence of an archive says nothing.
        coalesce(bool_or(way NOT IN ('wayback', 'commoncrawl')) FILTER (error IS NULL), false) AS is_asked
    FROM last_looks
    GROUP BY published_on
),
days AS (
    SELECT unnest(generate_series(min(published_on), max(published_on), INTERVAL 1 DAY))::DATE AS published_on
    FROM asked
),
loads AS (
    SELECT section, published_on, count(*) AS loaded
    FROM articles
    WHERE source = $source
    GROUP BY section, published_on
),
refusals AS (
    SELECT
        CASE WHEN via <> 'web' THEN captures.requested_url ELSE rejects.url END AS url,
        rejects.reason, rejects.capture_id,
        -- The reasons whose policy is "never"; and a copy in an archive will not become another.
        via IS DISTINCT FROM 'web' AND via IS NOT NULL
            OR rejects.reason IN ('binary', 'removed_page', 'not_article') AS is_final
    FROM rejects
    LEFT JOIN captures ON captures.capture_id = rejects.capture_id
    WHERE rejects.source = $source AND resolved_at IS NULL AND rejects.url IS NOT NULL AND stage <> 'discover'
    QUALIFY row_number() OVER (
        PARTITION BY CASE WHEN via <> 'web' THEN captures.requested_url ELSE rejects.url END
        ORDER BY rejected_at DESC, reject_id
    ) = 1
),
addresses AS (
    SELECT
        url,
        -- Where one way tells the month alone, its last day is what is kept; another may tell the day.
        min(announced_on) AS day,
        -- The same of sections: a search tells none.
        max(section) AS section,
        list(DISTINCT way) AS ways
    FROM announcements
    WHERE source = $source
    GROUP BY url
),
-- The last day of each month that anybody asked for.
months AS (
    SELECT last_day(published_on) AS day, max(published_on) AS published_on FROM days GROUP BY ALL
),
-- An article may have several addresses; what is lacking is its address.
items AS (
    SELECT
        coalesce(articles.published_on, least(addresses.day, months.published_on)) AS published_on,
        coalesce(articles.section, addresses.section) AS section,
        articles.article_id, ways,
        articles.article_id IS NULL AS is_lacking,
        refusals.reason,
        coalesce(refusals.is_final, false) AS is_final,
        refusals.capture_id IS NOT NULL AS is_fetched
    FROM addresses
    LEFT JOIN (FROM article_urls WHERE source = $source) AS article_urls USING (url)
    LEFT JOIN articles USING (article_id)
    LEFT JOIN refusals USING (url)
    LEFT JOIN months ON months.day = addresses.day
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
    SELECT section, published_on FROM (SELECT DISTINCT section FROM loads) CROSS JOIN days
    UNION
    SELECT section, published_on FROM counts SEMI JOIN days USING (published_on)
    UNION
    SELECT NULL, published_on FROM days WHERE NOT EXISTS (FROM loads)
),
history AS (
    SELECT
        sections.section, sections.published_on,
        sum(coalesce(loads.loaded, 0)) / count(*) AS expected
    FROM sections
    -- The same weekday of twelve weeks before and after.
    CROSS JOIN (SELECT unnest(range(-84, 85, 7))::INTEGER AS away) AS weeks
    JOIN asked AS other
        ON other.is_asked AND other.published_on = sections.published_on + weeks.away AND weeks.away <> 0
    LEFT JOIN loads
        ON loads.published_on = other.published_on AND loads.section IS NOT DISTINCT FROM sections.section
    GROUP BY sections.section, sections.published_on
)
SELECT
    $source AS source, sections.section, sections.published_on,
    coalesce(announced, 0) AS announced,
    coalesce(announced_by, MAP {}::MAP(VARCHAR, BIGINT)) AS announced_by,
    coalesce(loaded, 0) + coalesce(unread, 0) AS fetched,
    coalesce(loaded, 0) AS loaded,
    coalesce(refused, 0) AS refused,
    coalesce(missing, 0) AS missing,
    expected,
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
LEFT JOIN history
    ON history.published_on = sections.published_on AND history.section IS NOT DISTINCT FROM sections.section
