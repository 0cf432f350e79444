-- One row per article URL that article_urls has more than once.
-- error: run newsetl rebuild; if it remains, report it with these rows.
SELECT source, url, count(*) AS rows, count(DISTINCT article_id) AS articles
FROM article_urls
WHERE url IN (SELECT url FROM article_urls SEMI JOIN checked_articles USING (article_id))
GROUP BY source, url
HAVING count(*) > 1
ORDER BY ALL
