-- One row per URL that no article of the source has yet.
INSERT INTO article_urls BY NAME
SELECT * FROM incoming_urls ANTI JOIN (FROM article_urls WHERE $is_known) AS stored USING (source, url)
