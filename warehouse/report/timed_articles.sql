-- One row an article that was published, at a time known to the minute, since its source has been followed.
CREATE OR REPLACE TEMP TABLE timed_articles AS
SELECT (epoch(first_seen_at) - epoch(published_at)) / 3600 AS hours
FROM chosen_articles
JOIN (SELECT source, min(started_at) AS followed_at FROM runs WHERE is_incremental GROUP BY source) USING (source)
WHERE published_precision IN ('second', 'minute') AND published_at >= followed_at
