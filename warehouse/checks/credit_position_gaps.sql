-- One row an article and role whose names are not numbered 1, 2, 3 and so on.
-- error: rebuild; if it stays, report it with these rows.
SELECT source, role, list(position ORDER BY position) AS positions, any_value(url) AS url, article_id
FROM credits
JOIN read_articles USING (article_id)
GROUP BY source, role, article_id
HAVING min(position) <> 1 OR max(position) <> count(*) OR count(DISTINCT position) <> count(*)
ORDER BY ALL
