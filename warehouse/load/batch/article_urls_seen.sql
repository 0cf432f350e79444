-- One row per URL that was seen earlier than stored.
UPDATE article_urls
SET first_seen_at = incoming.first_seen_at
FROM incoming_urls AS incoming
WHERE
    article_urls.source = incoming.source AND article_urls.url = incoming.url
    AND incoming.first_seen_at < article_urls.first_seen_at
