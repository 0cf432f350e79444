-- One row per stored day of an article of the batch, which may now get another day.
INSERT INTO internal.coverage_queue
SELECT DISTINCT source, published_on, NULL
FROM articles SEMI JOIN incoming_articles USING (article_id)
EXCEPT
FROM internal.coverage_queue
