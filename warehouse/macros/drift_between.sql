-- One row per source, week of publication with at least ten articles, and field, as in the view drift, between two days.
CREATE OR REPLACE MACRO drift_between(since, until) AS TABLE
WITH weeks AS (
    SELECT
        source, date_trunc('week', published_on)::DATE AS week_on, count(*) AS articles,
        avg(section) AS section, avg(agency) AS agency, avg(authors) AS authors, avg(editors) AS editors,
        avg(images) AS images, avg(published_precision) AS published_precision,
        median(title) AS title, median(lead) AS lead, median(text) AS text
    FROM article_fields_between(since, until)
    GROUP BY source, week_on
    HAVING count(*) >= 10
),
before AS (
    SELECT
        *, field IN ('title', 'lead', 'text') AS is_length,
        list(value) OVER (
            PARTITION BY source, field ORDER BY week_on ROWS BETWEEN 12 PRECEDING AND 1 PRECEDING
        ) AS past
    FROM weeks
    UNPIVOT (value FOR field IN (
        section, agency, authors, editors, images, published_precision, title, lead, text
    ))
),
measured AS (
    SELECT
        *, coalesce(len(past), 0) AS weeks, list_median(past) AS baseline,
        -- For normally distributed values the standard deviation is 1.4826 times the median absolute deviation.
        1.4826 * list_median([abs(item - list_median(past)) FOR item IN past]) AS spread
    FROM before
),
bounded AS (
    SELECT
        *, greatest(3 * spread, CASE
            WHEN is_length THEN 0.4 * baseline
            -- Three standard errors of a share: exceeded by chance in three of a thousand weeks.
            ELSE greatest(0.2, 3 * sqrt(baseline * (1 - baseline) / articles))
        END) AS allowed
    FROM measured
)
SELECT
    source, week_on, field, CASE WHEN is_length THEN if(field = 'text', 'words', 'letters') ELSE 'share' END AS unit,
    articles, value, weeks, baseline, value - baseline AS deviation, allowed,
    coalesce(weeks >= 4 AND baseline - value > allowed, false) AS is_regression
FROM bounded
ORDER BY source, week_on DESC, field;
COMMENT ON MACRO TABLE drift_between IS 'One row per source, week and field, as in the view drift, between two days. Only weeks since the first day, a Monday, are in a baseline.';
