-- One row an article whose address is not the one of its addresses that is marked as canonical.
-- error: rebuild; if it stays, report it with these rows.
SELECT
    read_articles.source, read_articles.url,
    list(article_urls.url ORDER BY article_urls.url) FILTER (is_canonical) AS canonical, article_id
FROM read_articles
LEFT JOIN article_urls USING (article_id)
GROUP BY read_articles.source, read_articles.url, article_id
HAVING
    count(*) FILTER (is_canonical) <> (read_articles.url IS NOT NULL)::INTEGER
    OR count(*) FILTER (is_canonical AND article_urls.url IS DISTINCT FROM read_articles.url) > 0
ORDER BY ALL
