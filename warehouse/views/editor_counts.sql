-- One row per source and editor.
CREATE OR REPLACE VIEW editor_counts AS
SELECT
    source, person AS editor, chinese_name, kind,
    count(*) AS articles,
    min(published_on) AS first_on,
    max(published_on) AS last_on,
    person_id
FROM article_people
WHERE role = 'editor'
GROUP BY source, person, chinese_name, kind, person_id
ORDER BY source, articles DESC, editor, person_id;
COMMENT ON VIEW editor_counts IS 'One row per source and editor.';
COMMENT ON COLUMN editor_counts.editor IS 'The editor''s name in Latin letters as printed by the source; for a desk or organisation its name as printed.';
COMMENT ON COLUMN editor_counts.kind IS 'person, desk or organisation.';
COMMENT ON COLUMN editor_counts.articles IS 'Articles with this editor.';
COMMENT ON COLUMN editor_counts.first_on IS 'The day of the oldest of these articles.';
COMMENT ON COLUMN editor_counts.last_on IS 'The day of the newest of these articles.';
