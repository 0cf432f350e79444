-- One row an article, role and person, however often and in whatever spelling printed there.
CREATE OR REPLACE VIEW article_people AS
SELECT
    articles.source, article_id, articles.published_on, articles.section, articles.words,
    credits.role,
    min(credits.position) AS position,
    people.person_id, people.name AS person, people.chinese_name, people.kind
FROM credits
JOIN articles USING (article_id)
JOIN person_claims
    ON person_claims.source = articles.source
    AND person_claims.name = credits.name
    AND person_claims.kind = credits.kind
JOIN people ON people.person_id = person_claims.person_id
GROUP BY ALL;
COMMENT ON VIEW article_people IS 'One row an article, role and person, however often and in whatever spelling printed there.';
COMMENT ON COLUMN article_people.position IS 'The first place in the printed order, from 1.';
COMMENT ON COLUMN article_people.person IS 'The person''s name in Latin letters as the channel prints it; a desk or organisation as printed.';
