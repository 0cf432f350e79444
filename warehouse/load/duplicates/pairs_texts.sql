-- One row an article that is compared with another one.
WITH places AS (
    -- The rows first, by the narrow column: a text is read only where it is wanted.
    SELECT articles.rowid AS place
    FROM articles
    WHERE article_id IN (SELECT unnest(string_split($article_ids, ' ')::UUID[]))
)
SELECT article_id, text
FROM articles
JOIN places ON articles.rowid = place
