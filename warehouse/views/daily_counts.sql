-- One row per source and day (in the source's timezone) with at least one article.
CREATE OR REPLACE VIEW daily_counts AS
SELECT
    source, published_on,
    count(*) AS articles,
    count(DISTINCT section) AS sections,
    sum(words)::BIGINT AS words
FROM articles
GROUP BY source, published_on
ORDER BY source, published_on;
COMMENT ON VIEW daily_counts IS 'One row per source and day (in the source''s timezone) with at least one article.';
COMMENT ON COLUMN daily_counts.articles IS 'Articles published on this day.';
COMMENT ON COLUMN daily_counts.sections IS 'Number of sections with articles on this day.';
COMMENT ON COLUMN daily_counts.words IS 'Words of these articles.';
