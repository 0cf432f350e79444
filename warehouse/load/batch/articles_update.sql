-- One row an article whose state differs from that of its newest capture.
UPDATE articles
SET
    url = incoming.url,
    title = incoming.title,
    section = incoming.section,
    agency = incoming.agency,
    published_at = incoming.published_at,
    published_on = incoming.published_on,
    published_raw = incoming.published_raw,
    published_precision = incoming.published_precision,
    authors = incoming.authors,
    editors = incoming.editors,
    lead = incoming.lead,
    text = incoming.text,
    words = incoming.words,
    language = incoming.language,
    title_hash = incoming.title_hash,
    text_hash = incoming.text_hash,
    found = incoming.found,
    first_seen_at = incoming.first_seen_at,
    changed_at = incoming.changed_at,
    capture_id = incoming.capture_id,
    fingerprint = incoming.fingerprint
FROM incoming_articles AS incoming
JOIN (
    -- The rows first, by the narrow column: a whole row is compared only where there is one to compare.
    SELECT articles.rowid AS place, article_id
    FROM articles SEMI JOIN incoming_articles USING (article_id)
) AS held USING (article_id)
WHERE articles.rowid = held.place AND articles IS DISTINCT FROM incoming
