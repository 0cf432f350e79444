-- One row per article that differs from its newest capture.
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
    -- Row ids first: scanning a narrow column avoids reading the wide columns of other rows.
    SELECT articles.rowid AS row_id, article_id
    FROM articles SEMI JOIN incoming_articles USING (article_id)
) AS stored USING (article_id)
WHERE articles.rowid = stored.row_id AND articles IS DISTINCT FROM incoming
