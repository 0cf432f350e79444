-- One row an editor of articles that were changed after they had been published, the busiest first.
CREATE OR REPLACE VIEW edits AS
WITH edited AS (
    SELECT article_id, count(*) AS changes, min(seen_at) AS seen_at,
        count(*) FILTER (list_contains(changed, 'title')) AS retitlings
    FROM article_revisions
    WHERE number > 1
    GROUP BY article_id
)
SELECT
    article_people.source, person AS editor,
    count(*) AS articles,
    count(edited.article_id) AS articles_changed,
    sum(changes)::BIGINT AS changes,
    sum(retitlings)::BIGINT AS retitlings,
    median(date_diff('minute', articles.published_at, edited.seen_at) / 60.0) AS hours_after,
    person_id
FROM article_people
JOIN articles USING (article_id)
LEFT JOIN edited USING (article_id)
WHERE role = 'editor'
GROUP BY article_people.source, person, person_id
HAVING count(edited.article_id) > 0
ORDER BY changes DESC, editor, person_id;
COMMENT ON VIEW edits IS 'One row an editor of articles that were changed after they had been published, the busiest first.';
COMMENT ON COLUMN edits.editor IS 'The editor, under one name however printed.';
COMMENT ON COLUMN edits.articles IS 'Articles with this editor.';
COMMENT ON COLUMN edits.articles_changed IS 'Those of them that were changed after they had been published.';
COMMENT ON COLUMN edits.changes IS 'How often they were changed.';
COMMENT ON COLUMN edits.retitlings IS 'How many of the changes were of a headline.';
COMMENT ON COLUMN edits.hours_after IS 'Hours from publication until the first change was seen, in the middle of its articles.';
