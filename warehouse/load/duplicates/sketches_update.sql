-- One row an article that gets the sketch that it lacked.
UPDATE articles
SET fingerprint = found_sketches.fingerprint
FROM found_sketches
WHERE articles.article_id = found_sketches.article_id
