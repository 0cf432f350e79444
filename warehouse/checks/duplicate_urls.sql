-- One row an address of an article that stands in article_urls twice.
-- error: rebuild; if it stays, report it with these rows.
SELECT source, url, count(*) AS rows, count(DISTINCT article_id) AS articles
FROM article_urls
WHERE url IN (SELECT url FROM article_urls SEMI JOIN read_articles USING (article_id))
GROUP BY source, url
HAVING count(*) > 1
ORDER BY ALL
