-- One row with totals of the time from publication to load.
SELECT
    count(*) AS articles,
    median(hours) AS median_hours,
    quantile_cont(hours, 0.9) AS p90_hours,
    (SELECT count(*) FROM selected_articles) - count(*) AS others
FROM timed_articles
