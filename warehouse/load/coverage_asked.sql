-- One row a day of the source, and way, on which it was asked for after the day's end.
CREATE OR REPLACE TEMP TABLE last_looks AS
WITH successes AS (
    SELECT way, max(asked_at) AS succeeded_at
    FROM askings
    WHERE source = $source AND error IS NULL
    GROUP BY way
),
looks AS (
    SELECT
        unnest(generate_series(
            since,
            least(until, (timezone(sources.timezone, asked_at))::DATE - 1),
            INTERVAL 1 DAY
        ))::DATE AS published_on,
        way, asked_at, error
    FROM askings
    JOIN sources ON sources.slug = askings.source
    LEFT JOIN successes USING (way)
    -- What a way that shows the newest articles lacked once, it will not show for days that it has left behind.
    WHERE
        source = $source
        AND (error IS NULL OR way NOT IN ('listing', 'sitemap', 'feed') OR succeeded_at IS NULL OR succeeded_at <= asked_at)
)
SELECT published_on, way, asked_at, error
FROM looks
QUALIFY row_number() OVER (PARTITION BY published_on, way ORDER BY asked_at DESC, error NULLS FIRST) = 1
