-- One row per article whose text is compared.
WITH row_ids AS (
    -- Row ids first: scanning a narrow column avoids reading the wide columns of other rows.
    SELECT articles.rowid AS row_id
    FROM articles
    WHERE article_id IN (SELECT unnest(string_split($article_ids, ' ')::UUID[]))
)
SELECT article_id, text
FROM articles
JOIN row_ids ON articles.rowid = row_id
