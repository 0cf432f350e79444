-- One row an editor of articles that were changed after they had been published, the busiest first.
CREATE OR REPLACE VIEW edits_by_editor AS
WITH edited AS (
    SELECT article_id, count(*) AS changes, min(seen_at) AS seen_at,
        count(*) FILTER (list_contains(changed, 'title')) AS headline_changes
    FROM article_revisions
    WHERE number > 1
    GROUP BY article_id
)
SELECT
    article_people.source, person AS editor,
    count(*) AS articles,
    count(edited.article_id) AS articles_changed,
    sum(changes)::BIGINT AS changes,
    sum(headline_changes)::BIGINT AS headline_changes,
    median(date_diff('minute', articles.published_at, edited.seen_at) / 60.0) AS hours_after,
    person_id
FROM article_people
JOIN articles USING (article_id)
LEFT JOIN edited USING (article_id)
WHERE role = 'editor'
GROUP BY article_people.source, person, person_id
HAVING count(edited.article_id) > 0
ORDER BY changes DESC, editor, person_id;
COMMENT ON VIEW edits_by_editor IS 'One row an editor of articles that were changed after they had been published, the busiest first.';
COMMENT ON COLUMN edits_by_editor.editor IS 'The editor, under one name however printed.';
COMMENT ON COLUMN edits_by_editor.articles IS 'Articles with this editor.';
COMMENT ON COLUMN edits_by_editor.articles_changed IS 'Those of them that were changed after they had been published.';
COMMENT ON COLUMN edits_by_editor.changes IS 'How often they were changed.';
COMMENT ON COLUMN edits_by_editor.headline_changes IS 'How many of the changes were of a headline.';
COMMENT ON COLUMN edits_by_editor.hours_after IS 'Hours from publication until the first change was seen, in the middle of its articles.';
