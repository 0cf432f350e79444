-- One row an article that has been indexed and compared.
DELETE FROM pending_articles
WHERE article_id IN (SELECT article_id FROM fresh)
