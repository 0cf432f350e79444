-- One row per week with checked articles and field with a regression.
SELECT week_on, field
FROM drift_between($since, $until)
WHERE
    is_regression
    AND (source, week_on) IN (SELECT (source, date_trunc('week', published_on)::DATE) FROM checked_articles)
