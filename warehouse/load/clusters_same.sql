-- One row a text that several of the touched articles have; a short one is the same only with the same title.
SELECT list(article_id ORDER BY article_id) AS article_ids
FROM articles SEMI JOIN touched USING (article_id)
GROUP BY text_hash, CASE WHEN fingerprint IS NULL THEN title_hash END
HAVING count(*) > 1
