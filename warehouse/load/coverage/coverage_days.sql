-- One row per day of the source's coverage.
SELECT published_on, state, missing, checked_by, map_keys(failed_by) AS failed_by
FROM coverage_calendar
WHERE source = $source
