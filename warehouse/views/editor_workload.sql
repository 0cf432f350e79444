-- One row per source, editor and month with articles of this editor.
CREATE OR REPLACE VIEW editor_workload AS
WITH authors AS (
    SELECT
        editor_row.person_id,
        date_trunc('month', editor_row.published_on)::DATE AS month_on,
        count(DISTINCT author_row.person_id) AS authors,
        count(DISTINCT editor_row.article_id) FILTER (author_row.person_id = editor_row.person_id) AS own
    FROM article_people AS editor_row
    JOIN article_people AS author_row USING (article_id)
    WHERE editor_row.role = 'editor' AND author_row.role = 'author'
    GROUP BY ALL
),
workload AS (
    SELECT
        source, person_id, person AS editor, chinese_name, kind,
        date_trunc('month', published_on)::DATE AS month_on,
        count(*) AS articles,
        count(DISTINCT published_on) AS days,
        count(DISTINCT section) AS sections,
        sum(words)::BIGINT AS words
    FROM article_people
    WHERE role = 'editor'
    GROUP BY ALL
)
SELECT
    source, editor, chinese_name, kind, month_on, articles, days, sections, words,
    coalesce(authors, 0) AS authors, coalesce(own, 0) AS own, person_id
FROM workload
LEFT JOIN authors USING (person_id, month_on)
ORDER BY source, month_on, articles DESC, editor, person_id;
COMMENT ON VIEW editor_workload IS 'One row per source, editor and month with articles of this editor.';
COMMENT ON COLUMN editor_workload.editor IS 'The editor''s name in Latin letters as printed by the source; for a desk or organisation its name as printed.';
COMMENT ON COLUMN editor_workload.kind IS 'person, desk or organisation.';
COMMENT ON COLUMN editor_workload.month_on IS 'The first day of the month.';
COMMENT ON COLUMN editor_workload.articles IS 'Articles of the month with this editor.';
COMMENT ON COLUMN editor_workload.days IS 'Days of the month with such articles.';
COMMENT ON COLUMN editor_workload.sections IS 'Number of sections with such articles.';
COMMENT ON COLUMN editor_workload.words IS 'Words of these articles.';
COMMENT ON COLUMN editor_workload.authors IS 'Number of people, desks and organisations that wrote these articles.';
COMMENT ON COLUMN editor_workload.own IS 'Number of these articles that the editor also wrote, alone or with others.';
