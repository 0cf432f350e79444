-- One row per article that is or was connected to a fresh article by pairs or equal texts.
CREATE OR REPLACE TEMP TABLE touched AS
WITH RECURSIVE row_ids AS (
    -- Row ids first: scanning a narrow column avoids reading the wide columns of other rows.
    SELECT articles.rowid AS row_id FROM articles SEMI JOIN fresh USING (article_id)
),
compared AS MATERIALIZED (
    SELECT text_hash, CASE WHEN fingerprint IS NULL THEN title_hash END AS title_hash
    FROM articles
    JOIN row_ids ON articles.rowid = row_id
),
equal_row_ids AS MATERIALIZED (
    SELECT articles.rowid AS row_id FROM articles SEMI JOIN compared USING (text_hash)
),
-- Articles with an equal text; their earlier clusters are connected below.
equal_articles AS (
    SELECT article_id
    FROM articles
    JOIN equal_row_ids ON articles.rowid = row_id
    JOIN compared
        ON compared.text_hash = articles.text_hash
        -- As in clusters_same: short texts count only with the same title.
        AND compared.title_hash IS NOT DISTINCT FROM
            CASE WHEN articles.fingerprint IS NULL THEN articles.title_hash END
),
reached AS (
    (SELECT article_id FROM fresh UNION SELECT article_id FROM equal_articles)
    UNION
    (
        SELECT members.article_id
        FROM reached
        JOIN story_clusters USING (article_id)
        JOIN story_clusters AS members USING (cluster_id)
        UNION ALL
        SELECT other_id FROM reached JOIN story_pairs USING (article_id)
        UNION ALL
        SELECT story_pairs.article_id FROM reached JOIN story_pairs ON other_id = reached.article_id
    )
)
FROM reached
