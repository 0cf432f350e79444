-- One row per source, author and editor of the same articles.
CREATE OR REPLACE VIEW author_editor_pairs AS
SELECT
    author_row.source,
    author_row.person AS author, editor_row.person AS editor,
    author_row.person_id = editor_row.person_id AS is_own,
    count(*) AS articles,
    min(author_row.published_on) AS first_on,
    max(author_row.published_on) AS last_on,
    author_row.person_id AS author_id, editor_row.person_id AS editor_id
FROM article_people AS author_row
JOIN article_people AS editor_row USING (article_id)
WHERE author_row.role = 'author' AND editor_row.role = 'editor'
GROUP BY author_row.source, author, editor, author_id, editor_id
ORDER BY author_row.source, articles DESC, author, editor, author_id, editor_id;
COMMENT ON VIEW author_editor_pairs IS 'One row per source, author and editor of the same articles.';
COMMENT ON COLUMN author_editor_pairs.author IS 'The author''s name in Latin letters as printed by the source; for a desk or organisation its name as printed.';
COMMENT ON COLUMN author_editor_pairs.editor IS 'The editor''s name, in the same form.';
COMMENT ON COLUMN author_editor_pairs.is_own IS 'True if author and editor are the same person.';
COMMENT ON COLUMN author_editor_pairs.articles IS 'Articles with this author and this editor.';
COMMENT ON COLUMN author_editor_pairs.first_on IS 'The day of the oldest of these articles.';
COMMENT ON COLUMN author_editor_pairs.last_on IS 'The day of the newest of these articles.';
COMMENT ON COLUMN author_editor_pairs.author_id IS 'The author''s person_id.';
COMMENT ON COLUMN author_editor_pairs.editor_id IS 'The editor''s person_id.';
