-- One row per source and day of coverage, all sections together.
CREATE OR REPLACE VIEW coverage_calendar AS
WITH days AS (
    SELECT
        source, published_on,
        sum(discovered)::BIGINT AS discovered, sum(fetched)::BIGINT AS fetched, sum(loaded)::BIGINT AS loaded,
        sum(rejected)::BIGINT AS rejected, sum(missing)::BIGINT AS missing, sum(expected) AS expected,
        CASE
            WHEN bool_and(state = 'not checked') THEN 'not checked'
            WHEN bool_or(state = 'failed') AND sum(loaded) = 0 THEN 'failed'
            WHEN bool_or(state IN ('failed', 'partial')) THEN 'partial'
            WHEN bool_or(state = 'complete') THEN 'complete'
            ELSE 'no articles'
        END AS state,
        any_value(checked_by) AS checked_by,
        any_value(failed_by) AS failed_by,
        list_sort(list_distinct(flatten(list(reasons)))) AS reasons,
        max(checked_at) AS checked_at
    FROM coverage
    GROUP BY source, published_on
)
SELECT
    *,
    nullif(concat_ws('; ',
        nullif(array_to_string([entry.key || ': ' || entry.value FOR entry IN map_entries(failed_by)], '; '), ''),
        CASE WHEN missing > 0 THEN concat(
            missing, ' missing', ' (' || nullif(array_to_string(reasons, ', '), '') || ')'
        ) END,
        CASE WHEN state = 'partial' AND checked_by <> [] AND list_has_all(['wayback', 'commoncrawl'], checked_by)
            THEN 'only web archives were queried' END
    ), '') AS detail,
    -- If three are expected, a day has no articles by chance once in twenty (Poisson).
    state = 'no articles' AND coalesce(expected, 0) >= 3 AND NOT EXISTS (
        FROM discovery_queries
        WHERE
            discovery_queries.source = days.source AND is_recheck AND error IS NULL
            AND days.published_on BETWEEN since AND until
    ) AS is_overdue,
    discovered AS announced, checked_by AS asked_by
FROM days
ORDER BY source, published_on;
COMMENT ON VIEW coverage_calendar IS 'One row per source and day of coverage, all sections together.';
COMMENT ON COLUMN coverage_calendar.discovered IS 'Articles of the day that were discovered.';
COMMENT ON COLUMN coverage_calendar.fetched IS 'Articles of the day of which a page was fetched.';
COMMENT ON COLUMN coverage_calendar.loaded IS 'Articles of the day in the warehouse.';
COMMENT ON COLUMN coverage_calendar.rejected IS 'Discovered URLs of the day with an open reject.';
COMMENT ON COLUMN coverage_calendar.missing IS 'Discovered URLs of the day that are no article and not rejected permanently.';
COMMENT ON COLUMN coverage_calendar.expected IS 'Articles expected on this day: the mean of the same weekdays in the twelve weeks before and after.';
COMMENT ON COLUMN coverage_calendar.state IS 'complete, partial, failed, no articles or not checked, as in coverage.';
COMMENT ON COLUMN coverage_calendar.checked_by IS 'The discovery methods that completed a query for the day.';
COMMENT ON COLUMN coverage_calendar.failed_by IS 'The discovery methods whose last query failed, with the error.';
COMMENT ON COLUMN coverage_calendar.reasons IS 'Why the missing pages were rejected.';
COMMENT ON COLUMN coverage_calendar.detail IS 'Why the day is partial or failed.';
COMMENT ON COLUMN coverage_calendar.checked_at IS 'When the day was last queried.';
COMMENT ON COLUMN coverage_calendar.is_overdue IS 'True for a day without articles on which at least three were expected, unless it was checked again.';
COMMENT ON COLUMN coverage_calendar.announced IS 'The old name of discovered, until 1.0.';
COMMENT ON COLUMN coverage_calendar.asked_by IS 'The old name of checked_by, until 1.0.';
