-- One row per capture that is reparsed, with its stored parse result.
SELECT
    captures.capture_id,
    captures.article_id,
    captures.title_hash,
    captures.text_hash,
    (SELECT min(reason) FROM rejects
        WHERE rejects.capture_id = captures.capture_id AND resolved_at IS NULL) AS reason,
    CASE WHEN articles.article_id IS NOT NULL THEN {
        'title': title, 'section': section, 'agency': agency, 'published_at': published_at,
        'published_raw': published_raw, 'published_precision': published_precision,
        'lead': lead, 'text': text, 'language': articles.language, 'found': found,
        'credits': (SELECT list([role, name, kind] ORDER BY role, position) FROM credits
            WHERE credits.article_id = articles.article_id),
        'images': (SELECT list([images.url, caption, credit] ORDER BY position) FROM images
            WHERE images.article_id = articles.article_id)
    } END AS article,
    (SELECT list(article_urls.url) FROM article_urls WHERE article_urls.article_id = articles.article_id) AS urls,
    (SELECT list([teasers.title, summary, teasers.url] ORDER BY position) FROM teasers
        WHERE teasers.capture_id = captures.capture_id) AS teasers
FROM captures
SEMI JOIN incoming_capture_ids USING (capture_id)
LEFT JOIN articles ON articles.capture_id = captures.capture_id
