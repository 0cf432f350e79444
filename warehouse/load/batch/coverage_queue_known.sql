-- One row a day that an article of the batch may leave.
INSERT INTO internal.coverage_queue
SELECT DISTINCT source, published_on, NULL
FROM articles SEMI JOIN incoming_articles USING (article_id)
EXCEPT
FROM internal.coverage_queue
