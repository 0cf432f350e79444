-- One row a source, editor and month in which that editor had an article.
CREATE OR REPLACE VIEW editor_workload AS
WITH authors AS (
    SELECT
        edited.person_id,
        date_trunc('month', edited.published_on)::DATE AS month_on,
        count(DISTINCT wrote.person_id) AS authors,
        count(DISTINCT edited.article_id) FILTER (wrote.person_id = edited.person_id) AS own
    FROM article_people AS edited
    JOIN article_people AS wrote USING (article_id)
    WHERE edited.role = 'editor' AND wrote.role = 'author'
    GROUP BY ALL
),
edited AS (
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
FROM edited
LEFT JOIN authors USING (person_id, month_on)
ORDER BY source, month_on, articles DESC, editor, person_id;
COMMENT ON VIEW editor_workload IS 'One row a source, editor and month in which that editor had an article.';
COMMENT ON COLUMN editor_workload.editor IS 'The name in Latin letters as the channel prints it; a desk or organisation as printed.';
COMMENT ON COLUMN editor_workload.month_on IS 'The first day of the month.';
COMMENT ON COLUMN editor_workload.articles IS 'Articles of the month with that editor.';
COMMENT ON COLUMN editor_workload.days IS 'Days of the month with one of them.';
COMMENT ON COLUMN editor_workload.sections IS 'Sections that had one.';
COMMENT ON COLUMN editor_workload.words IS 'Words in all of them.';
COMMENT ON COLUMN editor_workload.authors IS 'How many people, desks and organisations wrote them.';
COMMENT ON COLUMN editor_workload.own IS 'How many of them the editor wrote, alone or with others.';
