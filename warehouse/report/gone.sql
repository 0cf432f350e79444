-- One row an article that the site has no more, the last hundred to go.
SELECT articles.source, url, title, articles.section, articles.published_on, articles.gone_at
FROM articles
SEMI JOIN chosen_articles USING (article_id)
WHERE gone_at IS NOT NULL
ORDER BY gone_at DESC, url
LIMIT 100
