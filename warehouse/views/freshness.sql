-- One row per source, and one row per source and section: whether new articles are overdue.
CREATE OR REPLACE VIEW freshness AS
WITH days AS (
    SELECT DISTINCT source, NULL AS section, published_on FROM articles WHERE published_precision <> 'month'
    UNION ALL
    SELECT DISTINCT source, section, published_on
    FROM articles
    WHERE published_precision <> 'month' AND section IS NOT NULL
),
gaps AS (
    SELECT
        source, section, published_on,
        published_on - lag(published_on) OVER of_section AS gap,
        max(published_on) OVER (PARTITION BY source, section) AS last_on
    FROM days
    WINDOW of_section AS (PARTITION BY source, section ORDER BY published_on)
),
history AS (
    SELECT
        source, section, last_on, count(gap) AS gaps,
        CASE WHEN count(gap) >= 10 THEN greatest(2, ceil(1.5 * max(gap))::BIGINT) END AS allowed_days
    FROM gaps
    WHERE published_on > last_on - 180
    GROUP BY source, section, last_on
),
last_queries AS (
    SELECT source, max(queried_at) AS queried_at FROM discovery_queries WHERE error IS NULL GROUP BY source
)
SELECT
    history.source, section, last_on,
    timezone(sources.timezone, now())::DATE - last_on AS days_since_last,
    gaps, allowed_days, queried_at,
    coalesce(days_since_last > allowed_days AND (section IS NULL OR days_since_last <= 365), false) AS is_overdue
FROM history
JOIN sources ON sources.slug = history.source
LEFT JOIN last_queries ON last_queries.source = history.source
ORDER BY history.source, section NULLS FIRST;
COMMENT ON VIEW freshness IS 'One row per source, and one row per source and section: whether new articles are overdue.';
COMMENT ON COLUMN freshness.section IS 'The section; NULL for the source as a whole.';
COMMENT ON COLUMN freshness.last_on IS 'The day of the newest article.';
COMMENT ON COLUMN freshness.days_since_last IS 'Days from last_on until today, in the source''s timezone.';
COMMENT ON COLUMN freshness.gaps IS 'Number of intervals between days with articles in the 180 days before last_on.';
COMMENT ON COLUMN freshness.allowed_days IS 'One and a half times the longest of these intervals, at least two days; NULL if there are fewer than ten.';
COMMENT ON COLUMN freshness.queried_at IS 'When the source was last queried for new articles without an error.';
COMMENT ON COLUMN freshness.is_overdue IS 'True if days_since_last is greater than allowed_days. A section is overdue for at most a year; after that it counts as discontinued.';
