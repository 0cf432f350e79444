-- One row an article that is indexed anew; its old number stays unused.
DELETE FROM internal.search_documents
WHERE article_id IN (SELECT article_id FROM fresh)
