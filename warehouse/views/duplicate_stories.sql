-- One row a cluster: a story that several articles carry, with the first and how far it spread.
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
COMMENT ON VIEW duplicate_stories IS 'One row a cluster: a story that several articles carry, with the first and how far it spread.';
COMMENT ON COLUMN duplicate_stories.title IS 'The first''s headline.';
COMMENT ON COLUMN duplicate_stories.first_source IS 'Who carried it first.';
COMMENT ON COLUMN duplicate_stories.first_url IS 'The address at which it stood first.';
COMMENT ON COLUMN duplicate_stories.first_published_at IS 'When it was first published.';
COMMENT ON COLUMN duplicate_stories.carriers IS 'The sources that carry it.';
COMMENT ON COLUMN duplicate_stories.articles IS 'How many articles carry it, the first included.';
COMMENT ON COLUMN duplicate_stories.same_texts IS 'How many of the others have the first''s very text.';
COMMENT ON COLUMN duplicate_stories.spread_hours IS 'Hours between the earliest and the latest of them.';
COMMENT ON COLUMN duplicate_stories.urls IS 'Their addresses, the first''s first.';
