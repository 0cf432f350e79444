-- One row per change of a title after publication, the latest first.
CREATE OR REPLACE VIEW headline_changes AS
SELECT
    articles.source, articles.url, articles.section,
    before.title AS title_before,
    revised.title AS title_after,
    articles.published_at,
    revised.seen_at,
    date_diff('minute', articles.published_at, revised.seen_at) / 60.0 AS hours_after,
    articles.editors,
    revised.article_id,
    revised.number
FROM article_revisions AS revised
JOIN article_revisions AS before ON before.article_id = revised.article_id AND before.number = revised.number - 1
JOIN articles ON articles.article_id = revised.article_id
WHERE list_contains(revised.changed, 'title')
ORDER BY revised.seen_at DESC, articles.url;
COMMENT ON VIEW headline_changes IS 'One row per change of a title after publication, the latest first.';
COMMENT ON COLUMN headline_changes.title_before IS 'The title before the change.';
COMMENT ON COLUMN headline_changes.title_after IS 'The title after the change.';
COMMENT ON COLUMN headline_changes.hours_after IS 'Hours from publication until the new title was first seen; the change itself may be earlier.';
