-- One row per cluster of duplicates with a selected article, the newest fifty.
SELECT title, first_source, first_url, first_published_at, carriers, articles, same_texts, spread_hours, urls
FROM duplicate_stories
WHERE cluster_id IN (SELECT cluster_id FROM story_clusters SEMI JOIN selected_articles USING (article_id))
ORDER BY first_published_at DESC, cluster_id
LIMIT 50
