-- One row a source and day of the ledger, all sections together.
CREATE OR REPLACE VIEW coverage_calendar AS
WITH days AS (
    SELECT
        source, published_on,
        sum(announced)::BIGINT AS announced, sum(fetched)::BIGINT AS fetched, sum(loaded)::BIGINT AS loaded,
        sum(refused)::BIGINT AS refused, sum(missing)::BIGINT AS missing, sum(expected) AS expected,
        CASE
            WHEN bool_and(state = 'never asked') THEN 'never asked'
            WHEN bool_or(state = 'failed') AND sum(loaded) = 0 THEN 'failed'
            WHEN bool_or(state IN ('failed', 'partial')) THEN 'partial'
            WHEN bool_or(state = 'complete') THEN 'complete'
            ELSE 'quiet'
        END AS state,
        any_value(asked_by) AS asked_by,
        any_value(failed_by) AS failed_by,
        list_sort(list_distinct(flatten(list(reasons)))) AS reasons,
        max(looked_at) AS looked_at
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
        CASE WHEN state = 'partial' AND asked_by <> [] AND list_has_all(['wayback', 'commoncrawl'], asked_by)
            THEN 'only archives were asked' END
    ), '') AS why,
    -- With three expected, a day without any comes by chance once in twenty.
    state = 'quiet' AND coalesce(expected, 0) >= 3 AND NOT EXISTS (
        FROM askings
        WHERE
            askings.source = days.source AND is_again AND error IS NULL
            AND days.published_on BETWEEN since AND until
    ) AS is_silent
FROM days
ORDER BY source, published_on;
COMMENT ON VIEW coverage_calendar IS 'One row a source and day of the ledger, all sections together.';
COMMENT ON COLUMN coverage_calendar.announced IS 'Articles of the day that were announced.';
COMMENT ON COLUMN coverage_calendar.fetched IS 'Articles of the day of which a page was had.';
COMMENT ON COLUMN coverage_calendar.loaded IS 'Articles of the day in the warehouse.';
COMMENT ON COLUMN coverage_calendar.refused IS 'Announced addresses that are refused at present.';
COMMENT ON COLUMN coverage_calendar.missing IS 'Announced addresses that are no article and not refused for good.';
COMMENT ON COLUMN coverage_calendar.expected IS 'What the same weekdays around it have on average.';
COMMENT ON COLUMN coverage_calendar.state IS 'complete, partial, failed, quiet or never asked.';
COMMENT ON COLUMN coverage_calendar.asked_by IS 'The ways that were asked for the day and read to their end.';
COMMENT ON COLUMN coverage_calendar.failed_by IS 'The ways that failed the last time, with what went wrong.';
COMMENT ON COLUMN coverage_calendar.reasons IS 'Why what is missing was refused.';
COMMENT ON COLUMN coverage_calendar.why IS 'Why the day is partial or failed.';
COMMENT ON COLUMN coverage_calendar.looked_at IS 'When the day was asked for last.';
COMMENT ON COLUMN coverage_calendar.is_silent IS 'True for a quiet day on which at least three articles were expected and that nobody has looked at again.';
