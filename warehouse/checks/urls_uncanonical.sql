-- One row an article whose address is not the one of its addresses that is marked as canonical.
-- defect: rebuild; if it stays, report it with these rows.
SELECT articles.source, articles.url, canonical.urls, article_id
FROM articles
LEFT JOIN (
    SELECT article_id, list(url ORDER BY url) AS urls FROM article_urls WHERE is_canonical GROUP BY article_id
) AS canonical USING (article_id)
WHERE coalesce(canonical.urls, []) <> CASE WHEN articles.url IS NULL THEN [] ELSE [articles.url] END
ORDER BY ALL
