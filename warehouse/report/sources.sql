-- One row a source of the report, with the articles of its that the report is about.
SELECT slug AS source, name, home, timezone, count(article_id) AS articles
FROM sources
LEFT JOIN chosen_articles ON chosen_articles.source = slug
WHERE $source IS NULL OR slug = $source
GROUP BY ALL
ORDER BY slug
