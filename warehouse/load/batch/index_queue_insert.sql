-- One row an article that is new, or whose words or date will change: it is compared and indexed anew.
INSERT INTO internal.index_queue
WITH held AS (
    -- The rows first, by the narrow column: texts are read only where there is one to compare.
    SELECT articles.rowid AS place, article_id
    FROM articles SEMI JOIN incoming_articles USING (article_id)
    WHERE $is_known
),
same AS (
    SELECT article_id
    FROM incoming_articles AS incoming
    JOIN held USING (article_id)
    JOIN articles ON articles.rowid = held.place
    WHERE (articles.title, articles.text, articles.published_at)
        = (incoming.title, incoming.text, incoming.published_at)
)
SELECT article_id
FROM incoming_articles
ANTI JOIN same USING (article_id)
ANTI JOIN internal.index_queue USING (article_id)
