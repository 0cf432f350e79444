-- One row a name in the credits that looks like none: empty, long, with a digit or a colon, an address, or markup.
-- warning: see where on the page it was read (articles.found); mend the source's [parse], then reparse.
SELECT articles.source, credits.role, credits.name, articles.url, articles.article_id
FROM credits
JOIN read_articles AS articles USING (article_id)
WHERE length(credits.name) NOT BETWEEN 1 AND 60 OR regexp_matches(credits.name, '[0-9:：<>@]')
ORDER BY ALL
