-- One row per article that the report selects.
CREATE OR REPLACE TEMP TABLE selected_articles AS
SELECT
    article_id, source, section, published_at, published_on, published_precision, words, first_seen_at, gone_at
FROM articles
WHERE
    ($source IS NULL OR source = $source)
    AND ($since IS NULL OR published_on >= $since)
    AND ($until IS NULL OR published_on <= $until)
