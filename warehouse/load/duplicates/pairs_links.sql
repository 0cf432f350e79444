-- One row per pair of similar articles among the touched articles.
SELECT article_id, other_id
FROM story_pairs SEMI JOIN touched USING (article_id)
ORDER BY ALL
