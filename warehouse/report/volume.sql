-- One row per day, week or month and section with articles; `below` counts the sections drawn under this one.
WITH sections AS (
    SELECT section, row_number() OVER (ORDER BY count(*) DESC, section) AS rank
    FROM selected_articles
    WHERE section IS NOT NULL
    GROUP BY section
),
scale AS (
    -- A screen can show about a hundred bars.
    SELECT CASE
        WHEN max(published_on) - min(published_on) <= 130 THEN 'day'
        WHEN max(published_on) - min(published_on) <= 1000 THEN 'week'
        ELSE 'month'
    END AS bin
    FROM selected_articles
),
counted AS (
    SELECT
        bin, date_trunc(bin, published_on)::DATE AS begin_on,
        CASE
            WHEN section IS NULL THEN 'No section'
            WHEN rank <= 7 THEN section
            ELSE 'Other sections'
        END AS section,
        coalesce(least(rank, 8), 9) AS rank,
        count(*) AS articles
    FROM selected_articles
    CROSS JOIN scale
    LEFT JOIN sections USING (section)
    GROUP BY ALL
)
SELECT
    bin, begin_on, (begin_on + to_days(1) * if(bin = 'day', 1, 0) + to_weeks(1) * if(bin = 'week', 1, 0)
        + to_months(1) * if(bin = 'month', 1, 0))::DATE AS end_on,
    section, rank, articles,
    (sum(articles) OVER (PARTITION BY begin_on ORDER BY rank) - articles)::BIGINT AS below,
    sum(articles) OVER (PARTITION BY section)::BIGINT AS of_section
FROM counted
ORDER BY begin_on, rank
