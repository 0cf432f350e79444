-- One row per gap: a range of days of a source in the same state, with the command that fills it.
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
ranges AS (
    SELECT
        *,
        published_on - row_number() OVER (PARTITION BY source, gap ORDER BY published_on)::INTEGER AS range_start
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
FROM ranges
GROUP BY source, gap, range_start
ORDER BY source, since;
COMMENT ON VIEW coverage_gaps IS 'One row per gap: a range of days of a source in the same state, with the command that fills it.';
COMMENT ON COLUMN coverage_gaps.since IS 'The first day of the gap.';
COMMENT ON COLUMN coverage_gaps.until IS 'The last day of the gap.';
COMMENT ON COLUMN coverage_gaps.days IS 'Number of days in the gap.';
COMMENT ON COLUMN coverage_gaps.gap IS 'failed, partial, not checked, or overdue: no articles on days with at least three expected.';
COMMENT ON COLUMN coverage_gaps.missing IS 'Discovered URLs of these days that are no article.';
COMMENT ON COLUMN coverage_gaps.expected IS 'Articles expected on these days together.';
COMMENT ON COLUMN coverage_gaps.detail IS 'Why the days are partial or failed; at most two reasons.';
COMMENT ON COLUMN coverage_gaps.checked_at IS 'When a day of the gap was last queried.';
COMMENT ON COLUMN coverage_gaps.command IS 'The command that fills the gap.';
