-- One row per new image.
INSERT INTO images BY NAME
SELECT * FROM incoming_images
EXCEPT
SELECT * FROM images WHERE $is_known AND article_id IN (SELECT article_id FROM incoming_articles)
