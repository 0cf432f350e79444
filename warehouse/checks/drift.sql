-- One row a source, week and field that articles lack more often, or have shorter, than in the weeks before.
-- warning: look at the captures; if the site's pages have changed, mend the source's [parse], then reparse.
WITH regressions AS (
    SELECT source, week_on, field, unit, articles, value, baseline, (value + baseline) / 2 AS middle
    FROM drift
    WHERE
        is_regression
        AND (source, week_on) IN (SELECT (source, date_trunc('week', published_on)::DATE) FROM read_articles)
),
readings AS (
    SELECT regressions.source, week_on, regressions.field, middle, published_on, published_at, url, capture_id, has
    FROM regressions
    JOIN (
        FROM article_fields
        UNPIVOT (has FOR field IN (
            section, agency, authors, editors, images, published_precision, title, lead, text
        ))
    ) AS each
        ON each.source = regressions.source AND each.field = regressions.field
        AND published_on BETWEEN week_on - 84 AND week_on + 6
),
-- The fall began with the day from which on most was lacking, all in all, of what lies halfway.
lacks AS (
    SELECT source, week_on, field, published_on, sum(middle - least(has, greatest(1, 2 * middle))) AS lacking
    FROM readings
    GROUP BY ALL
),
begun AS (
    SELECT source, week_on, field, published_on AS since_on
    FROM (
        SELECT *, sum(lacking) OVER (PARTITION BY source, week_on, field ORDER BY published_on DESC) AS lacked
        FROM lacks
    )
    QUALIFY row_number() OVER (PARTITION BY source, week_on, field ORDER BY lacked DESC, published_on DESC) = 1
),
captured AS (
    SELECT
        readings.source, week_on, field,
        list(
            {'url': readings.url, 'file': captures.file, 'offset': captures."offset"}
            ORDER BY published_at DESC, readings.url
        )[:3] AS captures
    FROM readings
    JOIN begun USING (source, week_on, field)
    LEFT JOIN captures USING (capture_id)
    WHERE has < middle AND published_on BETWEEN since_on AND week_on + 6
    GROUP BY readings.source, week_on, field
)
SELECT source, week_on, field, unit, articles, value, baseline, since_on, captures
FROM regressions
JOIN begun USING (source, week_on, field)
LEFT JOIN captured USING (source, week_on, field)
ORDER BY week_on DESC, source, field
