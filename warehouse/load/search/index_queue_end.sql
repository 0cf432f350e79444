-- One row per article that has been indexed and compared.
DELETE FROM internal.index_queue
WHERE article_id IN (SELECT article_id FROM fresh)
