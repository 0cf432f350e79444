-- One row a day and title that more than three articles of the day have.
-- warning: a standing headline, or something that is no title; look at one with newsetl parse.
SELECT source, published_on, count(*) AS articles, any_value(title) AS title, arg_min(url, article_id) AS url
FROM articles
WHERE
    (source, published_on) IN (SELECT (source, published_on) FROM read_articles)
    -- Of days alone DuckDB knows where not to look.
    AND published_on BETWEEN (SELECT min(published_on) FROM read_articles)
    AND (SELECT max(published_on) FROM read_articles)
GROUP BY source, published_on, title_hash
HAVING count(*) > 3
ORDER BY published_on DESC, source, url
