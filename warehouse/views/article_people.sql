-- One row per article, role and person; repeated credits and different spellings are one row.
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
-- Name matches apply within their source only.
JOIN articles USING (article_id, source);
COMMENT ON VIEW article_people IS 'One row per article, role and person; repeated credits and different spellings are one row.';
COMMENT ON COLUMN article_people.position IS 'The first position in the printed order, from 1.';
COMMENT ON COLUMN article_people.person IS 'The person''s name in Latin letters as printed by the source; for a desk or organisation its name as printed.';
