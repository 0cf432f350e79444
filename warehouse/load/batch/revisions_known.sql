-- One row a state of an article that the batch touches, as it stood before.
CREATE OR REPLACE TEMP TABLE known_states AS
WITH touched AS (
    SELECT article_id FROM incoming_readings
    UNION
    SELECT captures.article_id
    FROM captures SEMI JOIN incoming_readings USING (capture_id)
    WHERE $is_known AND captures.article_id IS NOT NULL
),
held AS (
    -- The rows first, by the narrow column: texts are read only where they are wanted.
    SELECT articles.rowid AS place FROM articles SEMI JOIN touched USING (article_id)
    WHERE $is_known
)
SELECT article_id, capture_id, title, text, words, title_hash, text_hash
FROM articles JOIN held ON articles.rowid = place
WHERE $is_known AND capture_id IS NOT NULL
UNION ALL
SELECT article_id, capture_id, title, text, words, title_hash, text_hash
FROM article_revisions SEMI JOIN touched USING (article_id)
WHERE $is_known
