-- One row per article that was first seen more than an hour before its publication time.
-- warning: the site changed the date, or the date was parsed wrongly; look at the page with newsetl parse.
SELECT source, published_at, first_seen_at, published_raw, url, article_id
FROM checked_articles
WHERE published_at > first_seen_at + INTERVAL 1 HOUR
ORDER BY published_at DESC, article_id
