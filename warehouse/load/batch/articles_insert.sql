-- One row an article that is not yet here.
INSERT INTO articles BY NAME
SELECT * FROM incoming_articles ANTI JOIN (SELECT article_id FROM articles WHERE $is_known) AS held USING (article_id)
