-- One row a text that several of the touched articles have; a short one is the same only with the same title.
WITH places AS (
    -- The rows first, by the narrow column: hashes are read only where they are wanted.
    SELECT articles.rowid AS place FROM articles SEMI JOIN touched USING (article_id)
)
SELECT list(article_id ORDER BY article_id) AS article_ids
FROM articles
JOIN places ON articles.rowid = place
GROUP BY text_hash, CASE WHEN fingerprint IS NULL THEN title_hash END
HAVING count(*) > 1
