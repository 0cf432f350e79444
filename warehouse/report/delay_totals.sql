-- One row that sums up how long articles took from publication until they were loaded.
SELECT
    count(*) AS articles,
    median(hours) AS median_hours,
    quantile_cont(hours, 0.9) AS most_hours,
    (SELECT count(*) FROM chosen_articles) - count(*) AS others
FROM timed_articles
