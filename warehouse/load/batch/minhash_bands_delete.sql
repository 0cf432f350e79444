-- One row an article whose state is read anew.
DELETE FROM internal.minhash_bands
WHERE article_id IN (SELECT article_id FROM incoming_articles)
