-- One row a section that articles stand in and the source's file does not name.
-- warning: add it to the source's [sections], or mend [parse] if it is none.
SELECT
    articles.source, section, count(*) AS articles, min(published_on) AS first_on, max(published_on) AS last_on,
    arg_max(articles.url, published_at) AS url
FROM read_articles AS articles
JOIN sources ON sources.slug = articles.source
WHERE len(sections) > 0 AND NOT list_contains(sections, section)
GROUP BY articles.source, section
ORDER BY ALL
