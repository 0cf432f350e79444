-- One row per article dated before its source's first_day, or whose published_on is not the day of published_at.
-- error: correct first_day or add to [date_corrections], then run newsetl rebuild.
SELECT source, published_on, published_at, first_day, checked_articles.url, article_id
FROM checked_articles
JOIN sources ON sources.slug = source
WHERE published_on < first_day OR published_on <> timezone(sources.timezone, published_at)::DATE
ORDER BY ALL
