-- One row per text that several touched articles have; short texts count only with the same title.
WITH row_ids AS (
    -- Row ids first: scanning a narrow column avoids reading the wide columns of other rows.
    SELECT articles.rowid AS row_id FROM articles SEMI JOIN touched USING (article_id)
)
SELECT list(article_id ORDER BY article_id) AS article_ids
FROM articles
JOIN row_ids ON articles.rowid = row_id
GROUP BY text_hash, CASE WHEN fingerprint IS NULL THEN title_hash END
HAVING count(*) > 1
