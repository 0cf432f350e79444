-- One row per stored capture whose parse result has changed.
UPDATE captures
SET article_id = incoming.article_id, title_hash = incoming.title_hash, text_hash = incoming.text_hash
FROM incoming_capture_articles AS incoming
WHERE
    captures.capture_id = incoming.capture_id
    AND (captures.article_id, captures.title_hash, captures.text_hash)
        IS DISTINCT FROM (incoming.article_id, incoming.title_hash, incoming.text_hash)
