-- One row an article of a day before its source began, or whose day is not that of its time.
-- error: correct first_day or add to [date_corrections], then rebuild.
SELECT source, published_on, published_at, first_day, read_articles.url, article_id
FROM read_articles
JOIN sources ON sources.slug = source
WHERE published_on < first_day OR published_on <> timezone(sources.timezone, published_at)::DATE
ORDER BY ALL
