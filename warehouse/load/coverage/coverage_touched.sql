-- One row a day of the source's ledger that is made anew: of which something was loaded, or all.
CREATE OR REPLACE TEMP TABLE touched_days AS
WITH days AS (
    SELECT unnest(generate_series(min(published_on), max(published_on), INTERVAL 1 DAY))::DATE AS published_on
    FROM last_looks
),
held AS (
    SELECT * FROM coverage WHERE source = $source
),
sections AS (
    SELECT DISTINCT section FROM articles WHERE source = $source
),
-- Each section of which anything was ever loaded has a row a day; without any, a row a day has none.
is_other AS (
    SELECT
        EXISTS (FROM internal.coverage_queue WHERE source = $source AND published_on IS NULL AND url IS NULL)
        OR EXISTS (
            FROM sections
            LEFT JOIN (SELECT section, count(*) AS days FROM held GROUP BY section) AS counts
                ON counts.section IS NOT DISTINCT FROM sections.section
            WHERE counts.days IS DISTINCT FROM (SELECT count(DISTINCT published_on) FROM held)
        )
        OR EXISTS (
            FROM held
            LEFT JOIN (SELECT section, true AS is_loaded FROM sections) AS loaded
                ON loaded.section IS NOT DISTINCT FROM held.section
            WHERE held.discovered = 0 AND (is_loaded IS NULL AND EXISTS (FROM sections))
        ) AS is_other
),
pending AS (
    SELECT published_on FROM internal.coverage_queue WHERE source = $source AND published_on IS NOT NULL
    UNION ALL
    SELECT published_on
    FROM discovered_links SEMI JOIN internal.coverage_queue USING (source, url)
    WHERE source = $source
    -- Where the month alone is known, an article counts on the last day that was asked for.
    UNION ALL
    SELECT max(published_on) FROM held
    UNION ALL
    SELECT max(published_on) FROM days
    -- A method that has failed may have been read since.
    UNION ALL
    SELECT published_on
    FROM held
    WHERE list_has_any(map_keys(failed_by), ['listing', 'sitemap', 'feed'])
)
SELECT published_on
FROM days
WHERE
    (SELECT is_other FROM is_other)
    OR published_on IN (SELECT published_on FROM pending WHERE published_on IS NOT NULL)
    OR published_on NOT IN (SELECT published_on FROM held)
