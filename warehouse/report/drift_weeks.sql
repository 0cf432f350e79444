-- One row per source, week and field, for the newest 26 weeks with enough articles; `strength` is -1 at the limit.
SELECT
    source, week_on, week_on + 7 AS end_on, field, unit, articles, value, weeks, baseline, is_regression,
    CASE WHEN weeks >= 4 THEN deviation / nullif(allowed, 0) END AS strength
FROM drift
WHERE
    ($source IS NULL OR source = $source)
    AND ($since IS NULL OR week_on + 6 >= $since)
    AND ($until IS NULL OR week_on <= $until)
QUALIFY dense_rank() OVER (PARTITION BY source ORDER BY week_on DESC) <= 26
ORDER BY source, week_on, field
