-- One row per source, with its number of selected articles.
SELECT slug AS source, name, home, timezone, count(article_id) AS articles
FROM sources
LEFT JOIN selected_articles ON selected_articles.source = slug
WHERE $source IS NULL OR slug = $source
GROUP BY ALL
ORDER BY slug
