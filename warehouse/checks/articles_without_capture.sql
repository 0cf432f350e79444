-- One row an article whose capture is not there, or became another article.
-- error: rebuild; if it stays, report it with these rows.
SELECT articles.source, articles.url, articles.capture_id, articles.article_id
FROM read_articles AS articles
LEFT JOIN captures USING (capture_id)
WHERE captures.article_id IS DISTINCT FROM articles.article_id
ORDER BY ALL
