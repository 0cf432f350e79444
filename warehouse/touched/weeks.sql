-- One row with the range of days that regressions depend on: the weeks of checked articles and twelve weeks before.
WITH days AS (
    SELECT source, published_on, count(*) AS articles FROM articles GROUP BY ALL
),
weeks AS (
    SELECT source, date_trunc('week', published_on)::DATE AS week_on
    FROM days
    GROUP BY ALL
    -- As in the view drift.
    HAVING sum(articles) >= 10
),
ranges AS (
    SELECT week_on, lag(week_on, 12) OVER (PARTITION BY source ORDER BY week_on) AS since
    FROM weeks
    QUALIFY (source, week_on) IN (SELECT (source, date_trunc('week', published_on)::DATE) FROM checked_articles)
)
SELECT
    min(coalesce(since, DATE '-infinity')) AS since,
    max(week_on) + 6 AS until
FROM ranges
