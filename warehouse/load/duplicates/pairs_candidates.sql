-- One row per pair with a fresh article that may be similar: published within 31 days, with a band key in common.
WITH period AS (
    SELECT min(published_at) - INTERVAL 31 DAYS AS since, max(published_at) + INTERVAL 31 DAYS AS until
    FROM articles SEMI JOIN fresh USING (article_id)
),
near AS MATERIALIZED (
    SELECT article_id, published_at, text_hash, fingerprint
    FROM articles JOIN period ON published_at BETWEEN since AND until
),
row_ids AS (
    -- Row ids first: scanning a narrow column avoids reading the wide columns of other rows.
    SELECT minhash_bands.rowid AS row_id FROM internal.minhash_bands SEMI JOIN near USING (article_id)
),
keys AS MATERIALIZED (
    SELECT article_id, unnest(bands) AS band
    FROM internal.minhash_bands
    JOIN row_ids ON minhash_bands.rowid = row_id
),
fresh_keys AS (
    SELECT article_id, band FROM keys SEMI JOIN fresh USING (article_id)
),
matches AS (
    SELECT DISTINCT
        least(fresh_keys.article_id, keys.article_id) AS one,
        greatest(fresh_keys.article_id, keys.article_id) AS other
    FROM fresh_keys
    JOIN keys ON fresh_keys.band = keys.band AND fresh_keys.article_id <> keys.article_id
),
-- MATERIALIZED: else the planner may join every two articles of a month first.
first_sides AS MATERIALIZED (
    SELECT one, other, published_at, text_hash, fingerprint
    FROM matches
    JOIN near ON near.article_id = one
)
SELECT one, other
FROM first_sides
JOIN near AS others ON others.article_id = other
WHERE
    first_sides.text_hash <> others.text_hash
    AND first_sides.published_at BETWEEN others.published_at - INTERVAL 31 DAYS AND others.published_at + INTERVAL 31 DAYS
    -- Fingerprints differ in 12.8 bits on average at a similarity of 0.6, in 32 bits for unrelated texts.
    AND bit_count(xor(first_sides.fingerprint, others.fingerprint)) <= 24
ORDER BY one, other
