-- One row an article of those that are indexed and compared now: the oldest first, so that like ones come together.
CREATE OR REPLACE TEMP TABLE fresh AS
WITH held AS MATERIALIZED (
    SELECT article_id, published_at FROM articles SEMI JOIN internal.index_queue USING (article_id)
),
chosen AS (
    SELECT article_id, published_at
    FROM internal.index_queue LEFT JOIN held USING (article_id)
    ORDER BY published_at, article_id
    LIMIT $limit
),
-- A number is never given twice, as long as a word of its document is there.
indexed AS MATERIALIZED (
    SELECT coalesce(max(document), 0) AS document FROM internal.search_documents
),
used AS (
    -- So DuckDB reads of the postings only what may have a higher number, which is next to nothing.
    SELECT greatest(
        (SELECT document FROM indexed),
        (SELECT max(document) FROM internal.search_postings WHERE document > (SELECT document FROM indexed))
    ) AS document
)
SELECT article_id, (used.document + row_number() OVER (ORDER BY published_at, article_id))::INTEGER AS document
FROM chosen, used
ORDER BY document
