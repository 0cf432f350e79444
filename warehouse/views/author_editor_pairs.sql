-- One row a source, author and editor who met in an article: who edits whom.
CREATE OR REPLACE VIEW author_editor_pairs AS
SELECT
    wrote.source,
    wrote.person AS author, edited.person AS editor,
    wrote.person_id = edited.person_id AS is_own,
    count(*) AS articles,
    min(wrote.published_on) AS first_on,
    max(wrote.published_on) AS last_on,
    wrote.person_id AS author_id, edited.person_id AS editor_id
FROM article_people AS wrote
JOIN article_people AS edited USING (article_id)
WHERE wrote.role = 'author' AND edited.role = 'editor'
GROUP BY wrote.source, author, editor, author_id, editor_id
ORDER BY wrote.source, articles DESC, author, editor, author_id, editor_id;
COMMENT ON VIEW author_editor_pairs IS 'One row a source, author and editor who met in an article: who edits whom.';
COMMENT ON COLUMN author_editor_pairs.author IS 'Who wrote: the name in Latin letters as the channel prints it; a desk or organisation as printed.';
COMMENT ON COLUMN author_editor_pairs.editor IS 'Who edited, named in the same way.';
COMMENT ON COLUMN author_editor_pairs.is_own IS 'True if author and editor are one person.';
COMMENT ON COLUMN author_editor_pairs.articles IS 'Articles that the author wrote and the editor edited.';
COMMENT ON COLUMN author_editor_pairs.first_on IS 'The day of the oldest of them.';
COMMENT ON COLUMN author_editor_pairs.last_on IS 'The day of the newest of them.';
COMMENT ON COLUMN author_editor_pairs.author_id IS 'The author''s person_id.';
COMMENT ON COLUMN author_editor_pairs.editor_id IS 'The editor''s person_id.';
