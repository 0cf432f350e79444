-- One row per new credit.
INSERT INTO credits BY NAME
SELECT * FROM incoming_credits
EXCEPT
SELECT * FROM credits WHERE $is_known AND article_id IN (SELECT article_id FROM incoming_articles)
