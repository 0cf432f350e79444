-- One row with totals of the selected articles.
SELECT
    count(*) AS articles,
    count(DISTINCT section) AS sections,
    min(published_on) AS first_on,
    max(published_on) AS last_on,
    coalesce(sum(words), 0)::BIGINT AS words,
    count(*) FILTER (published_precision = 'month') AS dated_by_month,
    count(gone_at) AS gone,
    count(*) FILTER (article_id IN (SELECT article_id FROM article_revisions)) AS changed,
    count(*) FILTER (article_id IN (SELECT article_id FROM story_clusters)) AS shared
FROM selected_articles
