-- One row per selected article that was published at a known time after the first incremental run of its source.
CREATE OR REPLACE TEMP TABLE timed_articles AS
SELECT (epoch(first_seen_at) - epoch(published_at)) / 3600 AS hours
FROM selected_articles
JOIN (SELECT source, min(started_at) AS first_run_at FROM runs WHERE is_incremental GROUP BY source) USING (source)
WHERE published_precision IN ('second', 'minute') AND published_at >= first_run_at
