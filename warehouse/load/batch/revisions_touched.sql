-- One row per article that the batch touches, after the update.
CREATE OR REPLACE TEMP TABLE touched_articles AS
WITH touched AS (
    SELECT article_id FROM incoming_capture_articles
    UNION
    SELECT article_id FROM known_states
)
SELECT article_id, url, title_hash, text_hash
FROM articles SEMI JOIN touched USING (article_id)
WHERE $is_known
UNION ALL
SELECT article_id, url, title_hash, text_hash FROM incoming_articles WHERE NOT $is_known
