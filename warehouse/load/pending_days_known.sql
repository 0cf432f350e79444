-- One row a day that an article of the batch may leave.
INSERT INTO pending_days
SELECT DISTINCT source, published_on, NULL
FROM articles SEMI JOIN incoming_articles USING (article_id)
EXCEPT
FROM pending_days
