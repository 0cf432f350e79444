-- One row a pair that is nearly the same.
SELECT article_id, other_id
FROM story_pairs
ORDER BY ALL
