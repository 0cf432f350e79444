-- One row a day of the source, and method, on which it was asked for after the day's end.
CREATE OR REPLACE TEMP TABLE last_looks AS
WITH successes AS (
    SELECT method, max(queried_at) AS succeeded_at
    FROM discovery_queries
    WHERE source = $source AND error IS NULL
    GROUP BY method
),
looks AS (
    SELECT
        unnest(generate_series(
            since,
            least(until, (timezone(sources.timezone, queried_at))::DATE - 1),
            INTERVAL 1 DAY
        ))::DATE AS published_on,
        method, queried_at, error
    FROM discovery_queries
    JOIN sources ON sources.slug = discovery_queries.source
    LEFT JOIN successes USING (method)
    -- What a method that shows the newest articles lacked once, it will not show for days that it has left behind.
    WHERE
        source = $source
        AND (error IS NULL OR method NOT IN ('listing', 'sitemap', 'feed') OR succeeded_at IS NULL OR succeeded_at <= queried_at)
)
SELECT published_on, method, queried_at, error
FROM looks
QUALIFY row_number() OVER (PARTITION BY published_on, method ORDER BY queried_at DESC, error NULLS FIRST) = 1
