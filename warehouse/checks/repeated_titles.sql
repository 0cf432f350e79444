-- One row per day and title that more than three articles of the day have.
-- warning: a recurring headline, or text that is no title; look at one of the pages with newsetl parse.
SELECT source, published_on, count(*) AS articles, any_value(title) AS title, arg_min(url, article_id) AS url
FROM articles
WHERE
    (source, published_on) IN (SELECT (source, published_on) FROM checked_articles)
    -- DuckDB can skip row groups only by a range of days.
    AND published_on BETWEEN (SELECT min(published_on) FROM checked_articles)
    AND (SELECT max(published_on) FROM checked_articles)
GROUP BY source, published_on, title_hash
HAVING count(*) > 3
ORDER BY published_on DESC, source, url
