-- One row an article, role and person, however often and in whatever spelling printed there.
CREATE OR REPLACE VIEW article_people AS
WITH credited AS (
    SELECT article_id, role, person_id, min(position) AS position
    FROM credits
    JOIN name_matches USING (name, kind)
    GROUP BY article_id, role, person_id
)
SELECT
    articles.source, article_id, articles.published_on, articles.section, articles.words, role, position,
    person_id, people.name AS person, people.chinese_name, people.kind
FROM credited
JOIN people USING (person_id)
-- The claims of another source are none here.
JOIN articles USING (article_id, source);
COMMENT ON VIEW article_people IS 'One row an article, role and person, however often and in whatever spelling printed there.';
COMMENT ON COLUMN article_people.position IS 'The first place in the printed order, from 1.';
COMMENT ON COLUMN article_people.person IS 'The person''s name in Latin letters as the channel prints it; a desk or organisation as printed.';
