-- One row per article with a newly computed sketch.
UPDATE articles
SET fingerprint = found_sketches.fingerprint
FROM found_sketches
WHERE articles.article_id = found_sketches.article_id
