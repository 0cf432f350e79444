-- One row per selected article that the site has removed, the last hundred.
SELECT articles.source, url, title, articles.section, articles.published_on, articles.gone_at
FROM articles
SEMI JOIN selected_articles USING (article_id)
WHERE gone_at IS NOT NULL
ORDER BY gone_at DESC, url
LIMIT 100
