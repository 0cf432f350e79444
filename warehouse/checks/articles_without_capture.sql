-- One row per article whose capture is missing or belongs to another article.
-- error: run newsetl rebuild; if it remains, report it with these rows.
SELECT articles.source, articles.url, articles.capture_id, articles.article_id
FROM checked_articles AS articles
LEFT JOIN captures USING (capture_id)
WHERE captures.article_id IS DISTINCT FROM articles.article_id
ORDER BY ALL
