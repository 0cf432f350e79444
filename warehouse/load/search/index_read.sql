-- One row an article that is indexed now, with the words of its title and of its text.
CREATE OR REPLACE TEMP TABLE fresh_words AS
WITH places AS (
    -- The rows first, by the narrow column: a text is read only where it is wanted.
    SELECT articles.rowid AS place, article_id, document
    FROM articles JOIN fresh USING (article_id)
)
SELECT document, places.article_id, folded_words(title) AS title, folded_words(text) AS text
FROM places
JOIN articles ON articles.rowid = place
