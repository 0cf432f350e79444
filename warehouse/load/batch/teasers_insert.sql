-- One row per new teaser.
INSERT INTO teasers BY NAME
SELECT * FROM incoming_teasers
EXCEPT
SELECT * FROM teasers WHERE $is_known AND capture_id IN (SELECT capture_id FROM incoming_capture_articles)
