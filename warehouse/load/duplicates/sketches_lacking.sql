-- One row a fresh article without a sketch: of an older newsetl, or too short for one.
SELECT article_id, text
FROM articles
SEMI JOIN fresh USING (article_id)
WHERE fingerprint IS NULL
