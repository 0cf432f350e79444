-- One row per article that is indexed again; its old document number is not used again.
DELETE FROM internal.search_documents
WHERE article_id IN (SELECT article_id FROM fresh)
