-- One row per source and editor of articles that changed after publication, most changes first.
CREATE OR REPLACE VIEW edits_by_editor AS
WITH changed_articles AS (
    SELECT article_id, count(*) AS changes, min(seen_at) AS seen_at,
        count(*) FILTER (list_contains(changed, 'title')) AS headline_changes
    FROM article_revisions
    WHERE number > 1
    GROUP BY article_id
)
SELECT
    article_people.source, person AS editor,
    count(*) AS articles,
    count(changed_articles.article_id) AS articles_changed,
    sum(changes)::BIGINT AS changes,
    sum(headline_changes)::BIGINT AS headline_changes,
    median(date_diff('minute', articles.published_at, changed_articles.seen_at) / 60.0) AS hours_after,
    person_id
FROM article_people
JOIN articles USING (article_id)
LEFT JOIN changed_articles USING (article_id)
WHERE role = 'editor'
GROUP BY article_people.source, person, person_id
HAVING count(changed_articles.article_id) > 0
ORDER BY changes DESC, editor, person_id;
COMMENT ON VIEW edits_by_editor IS 'One row per source and editor of articles that changed after publication, most changes first.';
COMMENT ON COLUMN edits_by_editor.editor IS 'The editor; different spellings are one editor.';
COMMENT ON COLUMN edits_by_editor.articles IS 'Articles with this editor.';
COMMENT ON COLUMN edits_by_editor.articles_changed IS 'Number of these articles that changed after publication.';
COMMENT ON COLUMN edits_by_editor.changes IS 'Changes of these articles.';
COMMENT ON COLUMN edits_by_editor.headline_changes IS 'Number of the changes that changed the title.';
COMMENT ON COLUMN edits_by_editor.hours_after IS 'Median hours from publication until the first change was seen.';
