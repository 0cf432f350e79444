-- One row per new article.
INSERT INTO articles BY NAME
SELECT * FROM incoming_articles ANTI JOIN (SELECT article_id FROM articles WHERE $is_known) AS stored USING (article_id)
