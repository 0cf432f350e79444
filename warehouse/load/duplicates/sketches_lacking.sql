-- One row per fresh article without a sketch: loaded by an older newsetl, or too short for a sketch.
SELECT article_id, text
FROM articles
SEMI JOIN fresh USING (article_id)
WHERE fingerprint IS NULL
