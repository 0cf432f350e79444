-- One row a response that has become another article than it was, or one for the first time.
UPDATE captures
SET article_id = incoming.article_id
FROM incoming_readings AS incoming
WHERE captures.capture_id = incoming.capture_id AND captures.article_id IS DISTINCT FROM incoming.article_id
