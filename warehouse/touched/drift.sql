-- One row a week of which articles were read, and field, that is regressions.
SELECT week_on, field
FROM drift_between($since, $until)
WHERE
    is_regression
    AND (source, week_on) IN (SELECT (source, date_trunc('week', published_on)::DATE) FROM read_articles)
