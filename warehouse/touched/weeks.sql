-- One row the days on which it hangs what is regressions: of the weeks of which articles were read, and of twelve before.
WITH days AS (
    SELECT source, published_on, count(*) AS articles FROM articles GROUP BY ALL
),
weeks AS (
    SELECT source, date_trunc('week', published_on)::DATE AS week_on
    FROM days
    GROUP BY ALL
    -- As the view drift has it.
    HAVING sum(articles) >= 10
),
stretches AS (
    SELECT week_on, lag(week_on, 12) OVER (PARTITION BY source ORDER BY week_on) AS since
    FROM weeks
    QUALIFY (source, week_on) IN (SELECT (source, date_trunc('week', published_on)::DATE) FROM read_articles)
)
SELECT
    min(coalesce(since, DATE '-infinity')) AS since,
    max(week_on) + 6 AS until
FROM stretches
