-- One row a stretch of days of a source with the same gap, and the command that would fill it.
CREATE OR REPLACE VIEW coverage_gaps AS
WITH gaps AS (
    SELECT
        source, published_on, missing, expected, checked_at,
        CASE WHEN is_overdue THEN 'overdue' ELSE state END AS gap,
        detail,
        CASE
            WHEN is_overdue THEN ' --include-complete'
            WHEN state IN ('failed', 'partial') THEN ' --retry-failed'
            ELSE ''
        END AS option
    FROM coverage_calendar
    WHERE is_overdue OR state IN ('failed', 'partial', 'not checked')
),
stretches AS (
    SELECT
        *,
        published_on - row_number() OVER (PARTITION BY source, gap ORDER BY published_on)::INTEGER AS stretch
    FROM gaps
)
SELECT
    source, min(published_on) AS since, max(published_on) AS until, count(*) AS days, gap,
    sum(missing)::BIGINT AS missing,
    sum(expected) AS expected,
    array_to_string(list_sort(list(DISTINCT detail) FILTER (detail IS NOT NULL))[:2], '; ') AS detail,
    max(checked_at) AS checked_at,
    'newsetl backfill ' || source || ' --since ' || min(published_on) || ' --until ' || max(published_on)
        || any_value(option) AS command
FROM stretches
GROUP BY source, gap, stretch
ORDER BY source, since;
COMMENT ON VIEW coverage_gaps IS 'One row a stretch of days of a source with the same gap, and the command that would fill it.';
COMMENT ON COLUMN coverage_gaps.since IS 'The first day of the stretch.';
COMMENT ON COLUMN coverage_gaps.until IS 'The last day of the stretch.';
COMMENT ON COLUMN coverage_gaps.days IS 'How many days.';
COMMENT ON COLUMN coverage_gaps.gap IS 'failed, partial, not checked, or overdue: no articles where at least three a day were expected.';
COMMENT ON COLUMN coverage_gaps.missing IS 'Discovered URLs that are no article.';
COMMENT ON COLUMN coverage_gaps.expected IS 'Articles expected on these days together.';
COMMENT ON COLUMN coverage_gaps.detail IS 'What was missing or went wrong; of several things two.';
COMMENT ON COLUMN coverage_gaps.checked_at IS 'When one of the days was last queried.';
COMMENT ON COLUMN coverage_gaps.command IS 'What to run.';
