-- One row per article of a cluster that is rebuilt.
DELETE FROM story_clusters
WHERE article_id IN (FROM touched)
