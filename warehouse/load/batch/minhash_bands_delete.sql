-- One row per updated article.
DELETE FROM internal.minhash_bands
WHERE article_id IN (SELECT article_id FROM incoming_articles)
