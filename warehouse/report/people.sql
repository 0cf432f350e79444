-- One row per role and person, desk or organisation, the fifteen of each role with the most selected articles.
SELECT
    credited.role, credited.source, credited.person, credited.chinese_name, credited.kind,
    count(*) AS articles,
    count(other_role.article_id) AS own,
    min(credited.published_on) AS first_on,
    max(credited.published_on) AS last_on,
    count(*) OVER (PARTITION BY credited.role) AS total
FROM article_people AS credited
SEMI JOIN selected_articles ON selected_articles.article_id = credited.article_id
LEFT JOIN article_people AS other_role
    ON other_role.article_id = credited.article_id AND other_role.person_id = credited.person_id
    AND other_role.role <> credited.role AND other_role.role <> 'photographer'
WHERE credited.role <> 'photographer'
GROUP BY credited.role, credited.source, credited.person_id, credited.person, credited.chinese_name, credited.kind
QUALIFY row_number() OVER (PARTITION BY credited.role ORDER BY count(*) DESC, credited.person, credited.person_id) <= 15
ORDER BY credited.role DESC, articles DESC, credited.person, credited.person_id
