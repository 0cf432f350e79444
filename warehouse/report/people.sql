-- One row a role and person, desk or organisation: the fifteen of each role with the most articles.
SELECT
    edited.role, edited.source, edited.person, edited.chinese_name, edited.kind,
    count(*) AS articles,
    count(wrote.article_id) AS own,
    min(edited.published_on) AS first_on,
    max(edited.published_on) AS last_on,
    count(*) OVER (PARTITION BY edited.role) AS of_all
FROM article_people AS edited
SEMI JOIN chosen_articles ON chosen_articles.article_id = edited.article_id
LEFT JOIN article_people AS wrote
    ON wrote.article_id = edited.article_id AND wrote.person_id = edited.person_id
    AND wrote.role <> edited.role AND wrote.role <> 'photographer'
WHERE edited.role <> 'photographer'
GROUP BY edited.role, edited.source, edited.person_id, edited.person, edited.chinese_name, edited.kind
QUALIFY row_number() OVER (PARTITION BY edited.role ORDER BY count(*) DESC, edited.person, edited.person_id) <= 15
ORDER BY edited.role DESC, articles DESC, edited.person, edited.person_id
