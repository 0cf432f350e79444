-- One row an article whose present words were first seen at another time than was known.
UPDATE articles
SET changed_at = present.seen_at
FROM (
    SELECT article_id, max(seen_at) AS seen_at
    FROM found_states
    -- Of responses that an earlier newsetl read, the words are not known.
    WHERE article_id NOT IN (
        SELECT article_id FROM captures WHERE article_id IS NOT NULL AND title_hash IS NULL
    )
    GROUP BY article_id
) AS present
WHERE articles.article_id = present.article_id AND articles.changed_at <> present.seen_at
