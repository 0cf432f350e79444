-- One row per article of a cluster.
INSERT INTO story_clusters BY NAME
WITH row_ids AS (
    -- Row ids first: scanning a narrow column avoids reading the wide columns of other rows.
    SELECT articles.rowid AS row_id, cluster
    FROM articles
    JOIN found_members USING (article_id)
),
members AS (
    SELECT
        article_id, source, published_at, text_hash, fingerprint,
        first_value(article_id) OVER by_time AS first_id,
        first_value(text_hash) OVER by_time AS first_text_hash,
        first_value(fingerprint) OVER by_time AS first_fingerprint
    FROM articles
    JOIN row_ids ON articles.rowid = row_id
    WINDOW by_time AS (
        PARTITION BY cluster
        -- If only the day or month is known, its end counts, because the article may have been published then.
        ORDER BY
            published_at + CASE published_precision
                WHEN 'month' THEN INTERVAL 1 MONTH
                WHEN 'day' THEN INTERVAL 1 DAY
                ELSE INTERVAL 0 DAY
            END,
            article_id
    )
)
SELECT
    first_id AS cluster_id, source, members.article_id, published_at,
    members.article_id = first_id AS is_first,
    CASE
        WHEN members.article_id = first_id THEN NULL
        WHEN text_hash = first_text_hash THEN 'same text'
        WHEN similarity IS NULL THEN 'near another'
        ELSE 'near'
    END AS how,
    CASE WHEN text_hash = first_text_hash THEN 1.0 ELSE similarity END AS similarity,
    bit_count(xor(fingerprint, first_fingerprint))::INTEGER AS distance
FROM members
LEFT JOIN story_pairs
    ON story_pairs.article_id = least(members.article_id, first_id)
    AND other_id = greatest(members.article_id, first_id)
