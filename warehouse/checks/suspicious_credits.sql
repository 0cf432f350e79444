-- One row per credit that does not look like a name: empty, long, or with a digit, colon, URL or markup.
-- warning: see where it was found (articles.found); fix the source's [parse], then run newsetl reparse.
SELECT articles.source, credits.role, credits.name, articles.url, articles.article_id
FROM credits
JOIN checked_articles AS articles USING (article_id)
WHERE length(credits.name) NOT BETWEEN 1 AND 60 OR regexp_matches(credits.name, '[0-9:：<>@]')
ORDER BY ALL
