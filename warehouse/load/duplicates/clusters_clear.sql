-- One row an article of a cluster that is made anew.
DELETE FROM story_clusters
WHERE article_id IN (FROM touched)
