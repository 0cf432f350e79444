-- One row an article of those that are indexed and compared now: the oldest first, so that like ones come together.
CREATE OR REPLACE TEMP TABLE fresh AS
WITH chosen AS (
    SELECT article_id, published_at
    FROM pending_articles LEFT JOIN articles USING (article_id)
    ORDER BY published_at, article_id
    LIMIT $limit
)
SELECT article_id, nextval('search_document_numbers')::INTEGER AS document
FROM (FROM chosen ORDER BY published_at, article_id)
