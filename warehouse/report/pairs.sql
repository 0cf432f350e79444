-- One row an author and editor who met in articles of the report, the ten who met most often.
SELECT
    wrote.person AS author, edited.person AS editor, wrote.person_id = edited.person_id AS is_own,
    count(*) AS articles
FROM article_people AS wrote
JOIN article_people AS edited USING (article_id)
SEMI JOIN chosen_articles USING (article_id)
WHERE wrote.role = 'author' AND edited.role = 'editor'
GROUP BY wrote.person_id, edited.person_id, wrote.person, edited.person
ORDER BY articles DESC, author, editor, wrote.person_id, edited.person_id
LIMIT 10
