-- One row per source, week and field with a regression: missing more often, or shorter, than in the weeks before.
-- warning: look at the captures; if the site's pages have changed, fix the source's [parse], then run newsetl reparse.
WITH regressions AS (
    SELECT source, week_on, field, unit, articles, value, baseline, (value + baseline) / 2 AS middle
    FROM drift
    WHERE
        is_regression
        AND (source, week_on) IN (SELECT (source, date_trunc('week', published_on)::DATE) FROM checked_articles)
),
field_values AS (
    SELECT regressions.source, week_on, regressions.field, middle, published_on, published_at, url, capture_id, field_value
    FROM regressions
    JOIN (
        FROM article_fields
        UNPIVOT (field_value FOR field IN (
            section, agency, authors, editors, images, published_precision, title, lead, text
        ))
    ) AS each
        ON each.source = regressions.source AND each.field = regressions.field
        AND published_on BETWEEN week_on - 84 AND week_on + 6
),
-- The regression began on the day since which the values are, in sum, furthest below the middle of value and baseline.
shortfalls AS (
    SELECT source, week_on, field, published_on, sum(middle - least(field_value, greatest(1, 2 * middle))) AS shortfall
    FROM field_values
    GROUP BY ALL
),
starts AS (
    SELECT source, week_on, field, published_on AS since_on
    FROM (
        SELECT *, sum(shortfall) OVER (PARTITION BY source, week_on, field ORDER BY published_on DESC) AS total_shortfall
        FROM shortfalls
    )
    QUALIFY row_number() OVER (PARTITION BY source, week_on, field ORDER BY total_shortfall DESC, published_on DESC) = 1
),
captured AS (
    SELECT
        field_values.source, week_on, field,
        list(
            {'url': field_values.url, 'file': captures.file, 'offset': captures."offset"}
            ORDER BY published_at DESC, field_values.url
        )[:3] AS captures
    FROM field_values
    JOIN starts USING (source, week_on, field)
    LEFT JOIN captures USING (capture_id)
    WHERE field_value < middle AND published_on BETWEEN since_on AND week_on + 6
    GROUP BY field_values.source, week_on, field
)
SELECT source, week_on, field, unit, articles, value, baseline, since_on, captures
FROM regressions
JOIN starts USING (source, week_on, field)
LEFT JOIN captured USING (source, week_on, field)
ORDER BY week_on DESC, source, field
