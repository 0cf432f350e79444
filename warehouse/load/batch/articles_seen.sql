-- One row per article that was seen earlier, or at a preferred URL, without a newer capture.
UPDATE articles
SET first_seen_at = incoming.first_seen_at, changed_at = incoming.changed_at, url = incoming.url
FROM incoming_sightings AS incoming
WHERE
    articles.article_id = incoming.article_id
    AND (articles.first_seen_at, articles.changed_at, articles.url)
        IS DISTINCT FROM (incoming.first_seen_at, incoming.changed_at, incoming.url)
