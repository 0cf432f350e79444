-- One row an article that hangs together with one that is compared now, or has until now.
CREATE OR REPLACE TEMP TABLE touched AS
WITH RECURSIVE reached AS (
    SELECT article_id FROM fresh
    UNION
    (
        SELECT mates.article_id
        FROM reached
        JOIN story_clusters USING (article_id)
        JOIN story_clusters AS mates USING (cluster_id)
        UNION ALL
        SELECT other_id FROM reached JOIN story_pairs USING (article_id)
        UNION ALL
        SELECT story_pairs.article_id FROM reached JOIN story_pairs ON other_id = reached.article_id
        UNION ALL
        SELECT twins.article_id
        FROM reached
        JOIN articles USING (article_id)
        JOIN articles AS twins ON twins.text_hash = articles.text_hash
        -- As in clusters_same: a short text is the same only with the same title.
        WHERE
            CASE WHEN twins.fingerprint IS NULL THEN twins.title_hash END
            IS NOT DISTINCT FROM CASE WHEN articles.fingerprint IS NULL THEN articles.title_hash END
    )
)
FROM reached
