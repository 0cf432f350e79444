-- One row per state, with the number of days of coverage in that state.
SELECT if(is_overdue, 'overdue', state) AS state, count(*) AS days
FROM coverage_calendar
WHERE
    ($source IS NULL OR source = $source)
    AND ($since IS NULL OR published_on >= $since)
    AND ($until IS NULL OR published_on <= $until)
GROUP BY ALL
ORDER BY days DESC, state
