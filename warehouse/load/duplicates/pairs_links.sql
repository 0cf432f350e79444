-- One row a pair, among the touched articles, that is nearly the same.
SELECT article_id, other_id
FROM story_pairs SEMI JOIN touched USING (article_id)
ORDER BY ALL
