-- One row a pair, one of which is compared now, that may be nearly the same: of one month, and with a key in common.
WITH stretch AS (
    SELECT min(published_at) - INTERVAL 31 DAYS AS since, max(published_at) + INTERVAL 31 DAYS AS until
    FROM articles SEMI JOIN fresh USING (article_id)
),
near AS MATERIALIZED (
    SELECT article_id, published_at, text_hash, fingerprint
    FROM articles JOIN stretch ON published_at BETWEEN since AND until
),
places AS (
    -- The rows first, by the narrow column: keys are read only where they are wanted.
    SELECT minhash_bands.rowid AS place FROM internal.minhash_bands SEMI JOIN near USING (article_id)
),
keys AS MATERIALIZED (
    SELECT article_id, unnest(bands) AS band
    FROM internal.minhash_bands
    JOIN places ON minhash_bands.rowid = place
),
fresh_keys AS (
    SELECT article_id, band FROM keys SEMI JOIN fresh USING (article_id)
),
met AS (
    SELECT DISTINCT
        least(fresh_keys.article_id, keys.article_id) AS one,
        greatest(fresh_keys.article_id, keys.article_id) AS other
    FROM fresh_keys
    JOIN keys ON fresh_keys.band = keys.band AND fresh_keys.article_id <> keys.article_id
),
-- Apart, or the planner may begin with every two articles of a month.
half AS MATERIALIZED (
    SELECT one, other, published_at, text_hash, fingerprint
    FROM met
    JOIN near ON near.article_id = one
)
SELECT one, other
FROM half
JOIN near AS others ON others.article_id = other
WHERE
    half.text_hash <> others.text_hash
    AND half.published_at BETWEEN others.published_at - INTERVAL 31 DAYS AND others.published_at + INTERVAL 31 DAYS
    -- 12.8 bits are usual at a similarity of 0.6, 32 among strangers.
    AND bit_count(xor(half.fingerprint, others.fingerprint)) <= 24
ORDER BY one, other
