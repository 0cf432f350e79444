-- One row per day of the source and method, with the last query after the day's end.
CREATE OR REPLACE TEMP TABLE last_queries AS
WITH successes AS (
    SELECT method, max(queried_at) AS succeeded_at
    FROM discovery_queries
    WHERE source = $source AND error IS NULL
    GROUP BY method
),
queries AS (
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
    -- Listings, sitemaps and feeds show only the newest articles. A later success replaces their earlier errors, also
    -- for days that they no longer show.
    WHERE
        source = $source
        AND (error IS NULL OR method NOT IN ('listing', 'sitemap', 'feed') OR succeeded_at IS NULL OR succeeded_at <= queried_at)
)
SELECT published_on, method, queried_at, error
FROM queries
QUALIFY row_number() OVER (PARTITION BY published_on, method ORDER BY queried_at DESC, error NULLS FIRST) = 1
