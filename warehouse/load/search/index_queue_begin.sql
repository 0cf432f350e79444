-- One row per article to index and compare now, the oldest first, so that similar articles are processed together.
CREATE OR REPLACE TEMP TABLE fresh AS
WITH existing AS MATERIALIZED (
    SELECT article_id, published_at FROM articles SEMI JOIN internal.index_queue USING (article_id)
),
selected AS (
    SELECT article_id, published_at
    FROM internal.index_queue LEFT JOIN existing USING (article_id)
    ORDER BY published_at, article_id
    LIMIT $limit
),
-- A document number is not used again while postings have it.
indexed AS MATERIALIZED (
    SELECT coalesce(max(document), 0) AS document FROM internal.search_documents
),
used AS (
    -- The condition lets DuckDB skip almost all row groups of the postings.
    SELECT greatest(
        (SELECT document FROM indexed),
        (SELECT max(document) FROM internal.search_postings WHERE document > (SELECT document FROM indexed))
    ) AS document
)
SELECT article_id, (used.document + row_number() OVER (ORDER BY published_at, article_id))::INTEGER AS document
FROM selected, used
ORDER BY document
