-- One row per pair with a fresh article.
DELETE FROM story_pairs
WHERE article_id IN (SELECT article_id FROM fresh) OR other_id IN (SELECT article_id FROM fresh)
