-- One row a state of an article that the batch touches, as it stood before.
CREATE OR REPLACE TEMP TABLE known_states AS
WITH touched AS (
    SELECT article_id FROM incoming_readings
    UNION
    SELECT captures.article_id
    FROM captures SEMI JOIN incoming_readings USING (capture_id)
    WHERE captures.article_id IS NOT NULL
)
SELECT article_id, capture_id, title, text, words, title_hash, text_hash
FROM articles SEMI JOIN touched USING (article_id)
WHERE capture_id IS NOT NULL
UNION ALL
SELECT article_id, capture_id, title, text, words, title_hash, text_hash
FROM article_revisions SEMI JOIN touched USING (article_id)
