-- One row a pair of which one article is compared anew.
DELETE FROM story_pairs
WHERE article_id IN (SELECT article_id FROM fresh) OR other_id IN (SELECT article_id FROM fresh)
