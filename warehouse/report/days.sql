-- One row per source and day, for the newest 24 months of coverage.
SELECT
    source, published_on, date_trunc('month', published_on)::DATE AS month_on,
    if(is_overdue, 'overdue', state) AS state,
    discovered, loaded, rejected, missing, round(expected, 1) AS expected, detail
FROM coverage_calendar
WHERE
    ($source IS NULL OR source = $source)
    AND ($since IS NULL OR published_on >= $since)
    AND ($until IS NULL OR published_on <= $until)
QUALIFY dense_rank() OVER (PARTITION BY source ORDER BY month_on DESC) <= 24
ORDER BY source, published_on
