-- One row an article that was first seen more than an hour before it says it was published.
-- warning: the site has dated it anew, or the date is misread; look at it with newsetl parse.
SELECT source, published_at, first_seen_at, published_raw, url, article_id
FROM read_articles
WHERE published_at > first_seen_at + INTERVAL 1 HOUR
ORDER BY published_at DESC, article_id
