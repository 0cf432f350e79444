-- One row per article whose current title and text were first seen at another time than stored.
UPDATE articles
SET changed_at = latest.seen_at
FROM (
    SELECT article_id, max(seen_at) AS seen_at
    FROM found_states
    -- Captures loaded by an older newsetl have no hashes; their articles are left out.
    WHERE article_id NOT IN (
        SELECT article_id FROM captures WHERE article_id IS NOT NULL AND title_hash IS NULL
    )
    GROUP BY article_id
) AS latest
WHERE articles.article_id = latest.article_id AND articles.changed_at <> latest.seen_at
