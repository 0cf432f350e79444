-- One row an article of those that are indexed and compared now.
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT article_id, nextval('search_document_numbers')::INTEGER AS document
FROM (FROM pending_articles ORDER BY article_id LIMIT $limit)
