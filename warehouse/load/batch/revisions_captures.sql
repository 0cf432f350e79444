-- One row per capture that belongs, or belonged, to a touched article.
CREATE OR REPLACE TEMP TABLE touched_captures AS
SELECT capture_id, article_id, fetched_at, requested_url, url, title_hash, text_hash
FROM captures
WHERE
    $is_known
    AND (
        article_id IN (SELECT article_id FROM touched_articles)
        OR capture_id IN (SELECT capture_id FROM known_states)
    )
UNION ALL
SELECT capture_id, article_id, fetched_at, requested_url, url, title_hash, text_hash
FROM incoming_captures
WHERE NOT $is_known
