-- One row per article whose url is not the canonical one in article_urls.
-- error: run newsetl rebuild; if it remains, report it with these rows.
SELECT
    checked_articles.source, checked_articles.url,
    list(article_urls.url ORDER BY article_urls.url) FILTER (is_canonical) AS canonical, article_id
FROM checked_articles
LEFT JOIN article_urls USING (article_id)
GROUP BY checked_articles.source, checked_articles.url, article_id
HAVING
    count(*) FILTER (is_canonical) <> (checked_articles.url IS NOT NULL)::INTEGER
    OR count(*) FILTER (is_canonical AND article_urls.url IS DISTINCT FROM checked_articles.url) > 0
ORDER BY ALL
