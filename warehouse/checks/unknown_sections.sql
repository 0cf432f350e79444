-- One row per section of articles that the source's file does not list.
-- warning: add it to the source's [sections], or fix [parse] if it is no section.
SELECT
    articles.source, section, count(*) AS articles, min(published_on) AS first_on, max(published_on) AS last_on,
    arg_max(articles.url, published_at) AS url
FROM checked_articles AS articles
JOIN sources ON sources.slug = articles.source
WHERE len(sections) > 0 AND NOT list_contains(sections, section)
GROUP BY articles.source, section
ORDER BY ALL
