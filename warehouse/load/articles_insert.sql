-- One row an article that is not yet here.
INSERT INTO articles BY NAME
SELECT * FROM incoming_articles ANTI JOIN articles USING (article_id)
