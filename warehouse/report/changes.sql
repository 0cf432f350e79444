-- One row per change of a selected article after publication, the newest forty; `total` counts all changes.
SELECT
    articles.source, articles.url, articles.published_at, articles.editors, revised.number, revised.seen_at,
    revised.changed,
    date_diff('minute', articles.published_at, revised.seen_at) / 60.0 AS hours_after,
    before.title AS title_before, revised.title AS title,
    before.text AS text_before, revised.text AS text,
    count(*) OVER () AS total
FROM article_revisions AS revised
SEMI JOIN selected_articles USING (article_id)
JOIN article_revisions AS before ON before.article_id = revised.article_id AND before.number = revised.number - 1
JOIN articles ON articles.article_id = revised.article_id
ORDER BY revised.seen_at DESC, articles.url, revised.number DESC
LIMIT 40
