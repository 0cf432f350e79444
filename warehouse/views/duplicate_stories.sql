-- One row per cluster of duplicate articles, with the first article and the time until the last.
CREATE OR REPLACE VIEW duplicate_stories AS
SELECT
    cluster_id,
    arg_min(title, (NOT is_first, story_clusters.article_id)) AS title,
    arg_min(story_clusters.source, (NOT is_first, story_clusters.article_id)) AS first_source,
    arg_min(url, (NOT is_first, story_clusters.article_id)) AS first_url,
    arg_min(story_clusters.published_at, (NOT is_first, story_clusters.article_id)) AS first_published_at,
    list(DISTINCT story_clusters.source ORDER BY story_clusters.source) AS carriers,
    count(*) AS articles,
    count(*) FILTER (how = 'same text') AS same_texts,
    round((epoch(max(story_clusters.published_at)) - epoch(min(story_clusters.published_at))) / 3600, 1)
        AS spread_hours,
    list(url ORDER BY NOT is_first, story_clusters.published_at, story_clusters.article_id) AS urls
FROM story_clusters
JOIN articles USING (article_id)
GROUP BY cluster_id
ORDER BY first_published_at DESC, cluster_id;
COMMENT ON VIEW duplicate_stories IS 'One row per cluster of duplicate articles, with the first article and the time until the last.';
COMMENT ON COLUMN duplicate_stories.title IS 'The title of the first article.';
COMMENT ON COLUMN duplicate_stories.first_source IS 'The source that published first.';
COMMENT ON COLUMN duplicate_stories.first_url IS 'The URL of the first article.';
COMMENT ON COLUMN duplicate_stories.first_published_at IS 'When the first article was published.';
COMMENT ON COLUMN duplicate_stories.carriers IS 'The sources of the articles.';
COMMENT ON COLUMN duplicate_stories.articles IS 'Number of articles, including the first.';
COMMENT ON COLUMN duplicate_stories.same_texts IS 'Number of the other articles with exactly the text of the first.';
COMMENT ON COLUMN duplicate_stories.spread_hours IS 'Hours between the earliest and the latest publication.';
COMMENT ON COLUMN duplicate_stories.urls IS 'The URLs of the articles, the first article''s first.';
