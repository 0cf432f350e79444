-- One row an article that hangs together with one that is compared now, or has until now.
CREATE OR REPLACE TEMP TABLE touched AS
WITH RECURSIVE places AS (
    -- The rows first, by a narrow column: the others are read only where they are wanted.
    SELECT articles.rowid AS place FROM articles SEMI JOIN fresh USING (article_id)
),
compared AS MATERIALIZED (
    SELECT text_hash, CASE WHEN fingerprint IS NULL THEN title_hash END AS title_hash
    FROM articles
    JOIN places ON articles.rowid = place
),
alike AS MATERIALIZED (
    SELECT articles.rowid AS place FROM articles SEMI JOIN compared USING (text_hash)
),
-- Those of articles that were compared before are in one cluster with them.
twins AS (
    SELECT article_id
    FROM articles
    JOIN alike ON articles.rowid = place
    JOIN compared
        ON compared.text_hash = articles.text_hash
        -- As in clusters_same: a short text is the same only with the same title.
        AND compared.title_hash IS NOT DISTINCT FROM
            CASE WHEN articles.fingerprint IS NULL THEN articles.title_hash END
),
reached AS (
    (SELECT article_id FROM fresh UNION SELECT article_id FROM twins)
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
    )
)
FROM reached
