-- One row per selected article, the newest two thousand.
WITH changes AS (
    SELECT article_id, max(number) - 1 AS changes FROM article_revisions GROUP BY article_id
)
SELECT
    source, published_on, title, section, authors, editors, words, coalesce(changes, 0) AS changes, gone_at, url
FROM articles
SEMI JOIN selected_articles USING (article_id)
LEFT JOIN changes USING (article_id)
ORDER BY published_at DESC, article_id
LIMIT 2000
