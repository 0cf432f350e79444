-- One row per article that is new, or whose title, text or publication time changes.
INSERT INTO internal.index_queue
WITH stored AS (
    -- Row ids first: scanning a narrow column avoids reading the wide columns of other rows.
    SELECT articles.rowid AS row_id, article_id
    FROM articles SEMI JOIN incoming_articles USING (article_id)
    WHERE $is_known
),
unchanged AS (
    SELECT article_id
    FROM incoming_articles AS incoming
    JOIN stored USING (article_id)
    JOIN articles ON articles.rowid = stored.row_id
    WHERE (articles.title, articles.text, articles.published_at)
        = (incoming.title, incoming.text, incoming.published_at)
)
SELECT article_id
FROM incoming_articles
ANTI JOIN unchanged USING (article_id)
ANTI JOIN internal.index_queue USING (article_id)
