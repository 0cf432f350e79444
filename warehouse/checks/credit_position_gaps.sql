-- One row per article and role whose credits are not numbered 1, 2, 3 and so on.
-- error: run newsetl rebuild; if it remains, report it with these rows.
SELECT source, role, list(position ORDER BY position) AS positions, any_value(url) AS url, article_id
FROM credits
JOIN checked_articles USING (article_id)
GROUP BY source, role, article_id
HAVING min(position) <> 1 OR max(position) <> count(*) OR count(DISTINCT position) <> count(*)
ORDER BY ALL
