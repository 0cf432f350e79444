-- One row per day of the source whose coverage is recomputed: days touched by a load or query, or all days.
CREATE OR REPLACE TEMP TABLE touched_days AS
WITH days AS (
    SELECT unnest(generate_series(min(published_on), max(published_on), INTERVAL 1 DAY))::DATE AS published_on
    FROM last_queries
),
stored AS (
    SELECT * FROM coverage WHERE source = $source
),
sections AS (
    SELECT DISTINCT section FROM articles WHERE source = $source
),
-- Every section with a loaded article has one row per day; a source without articles has one row per day without
-- a section. If the stored rows differ from that, every day is recomputed.
needs_all AS (
    SELECT
        EXISTS (FROM internal.coverage_queue WHERE source = $source AND published_on IS NULL AND url IS NULL)
        OR EXISTS (
            FROM sections
            LEFT JOIN (SELECT section, count(*) AS days FROM stored GROUP BY section) AS counts
                ON counts.section IS NOT DISTINCT FROM sections.section
            WHERE counts.days IS DISTINCT FROM (SELECT count(DISTINCT published_on) FROM stored)
        )
        OR EXISTS (
            FROM stored
            LEFT JOIN (SELECT section, true AS is_loaded FROM sections) AS loaded
                ON loaded.section IS NOT DISTINCT FROM stored.section
            WHERE stored.discovered = 0 AND (is_loaded IS NULL AND EXISTS (FROM sections))
        ) AS needs_all
),
pending AS (
    SELECT published_on FROM internal.coverage_queue WHERE source = $source AND published_on IS NOT NULL
    UNION ALL
    SELECT published_on
    FROM discovered_links SEMI JOIN internal.coverage_queue USING (source, url)
    WHERE source = $source
    -- An article of which only the month is known counts on the last day of the month that was queried.
    UNION ALL
    SELECT max(published_on) FROM stored
    UNION ALL
    SELECT max(published_on) FROM days
    -- A method that failed may have succeeded since.
    UNION ALL
    SELECT published_on
    FROM stored
    WHERE list_has_any(map_keys(failed_by), ['listing', 'sitemap', 'feed'])
)
SELECT published_on
FROM days
WHERE
    (SELECT needs_all FROM needs_all)
    OR published_on IN (SELECT published_on FROM pending WHERE published_on IS NOT NULL)
    OR published_on NOT IN (SELECT published_on FROM stored)
