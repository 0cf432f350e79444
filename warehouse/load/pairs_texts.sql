-- One row an article that is compared with another one.
SELECT article_id, text
FROM articles
JOIN (SELECT DISTINCT unnest($article_ids::UUID[]) AS article_id) USING (article_id)
