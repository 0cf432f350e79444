-- One row per stored state of an article that the batch touches.
CREATE OR REPLACE TEMP TABLE known_states AS
WITH touched AS (
    SELECT article_id FROM incoming_capture_articles
    UNION
    SELECT captures.article_id
    FROM captures SEMI JOIN incoming_capture_articles USING (capture_id)
    WHERE $is_known AND captures.article_id IS NOT NULL
),
stored AS (
    -- Row ids first: scanning a narrow column avoids reading the wide columns of other rows.
    SELECT articles.rowid AS row_id FROM articles SEMI JOIN touched USING (article_id)
    WHERE $is_known
)
SELECT article_id, capture_id, title, text, words, title_hash, text_hash
FROM articles JOIN stored ON articles.rowid = row_id
WHERE $is_known AND capture_id IS NOT NULL
UNION ALL
SELECT article_id, capture_id, title, text, words, title_hash, text_hash
FROM article_revisions SEMI JOIN touched USING (article_id)
WHERE $is_known
