-- One row per fresh article, with the words of its title and its text.
CREATE OR REPLACE TEMP TABLE fresh_words AS
WITH row_ids AS (
    -- Row ids first: scanning a narrow column avoids reading the wide columns of other rows.
    SELECT articles.rowid AS row_id, article_id, document
    FROM articles JOIN fresh USING (article_id)
)
SELECT document, row_ids.article_id, folded_words(title) AS title, folded_words(text) AS text
FROM row_ids
JOIN articles ON articles.rowid = row_id
