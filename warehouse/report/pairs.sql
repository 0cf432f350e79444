-- One row per author and editor of the same selected articles, the ten pairs with the most articles.
SELECT
    author_row.person AS author, editor_row.person AS editor, author_row.person_id = editor_row.person_id AS is_own,
    count(*) AS articles
FROM article_people AS author_row
JOIN article_people AS editor_row USING (article_id)
SEMI JOIN selected_articles USING (article_id)
WHERE author_row.role = 'author' AND editor_row.role = 'editor'
GROUP BY author_row.person_id, editor_row.person_id, author_row.person, editor_row.person
ORDER BY articles DESC, author, editor, author_row.person_id, editor_row.person_id
LIMIT 10
