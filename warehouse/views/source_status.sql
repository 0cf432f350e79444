-- One row per source: its articles, its last run and its open rejects.
CREATE OR REPLACE VIEW source_status AS
WITH article_counts AS (
    SELECT source, count(*) AS articles, max(published_at) AS newest_published_at
    FROM articles
    GROUP BY source
),
last_run AS (
    SELECT * FROM runs
    QUALIFY row_number() OVER (PARTITION BY source ORDER BY started_at DESC, run_id) = 1
),
rejections AS (
    SELECT source, map_from_entries(list((reason, n) ORDER BY n DESC, reason)) AS open_rejects
    FROM (SELECT source, reason, count(*) AS n FROM rejects WHERE resolved_at IS NULL GROUP BY source, reason)
    GROUP BY source
)
SELECT
    sources.slug AS source, sources.name, coalesce(articles, 0) AS articles, newest_published_at,
    started_at, ended_at, state, discovered, new, changed, already_loaded, rejected, seconds, error,
    coalesce(open_rejects, MAP {}::MAP(VARCHAR, BIGINT)) AS open_rejects
FROM sources
LEFT JOIN article_counts ON article_counts.source = sources.slug
LEFT JOIN last_run ON last_run.source = sources.slug
LEFT JOIN rejections ON rejections.source = sources.slug
ORDER BY sources.slug;
COMMENT ON VIEW source_status IS 'One row per source: its articles, its last run and its open rejects.';
COMMENT ON COLUMN source_status.articles IS 'Articles in the warehouse.';
COMMENT ON COLUMN source_status.newest_published_at IS 'When the newest of these articles was published.';
COMMENT ON COLUMN source_status.open_rejects IS 'Open rejects by reason, the most frequent first.';
