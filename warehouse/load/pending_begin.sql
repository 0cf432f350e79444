-- One row an article of those that are indexed and compared now: the oldest first, so that like ones come together.
CREATE OR REPLACE TEMP TABLE fresh AS
WITH chosen AS (
    SELECT article_id, published_at
    FROM pending_articles LEFT JOIN articles USING (article_id)
    ORDER BY published_at, article_id
    LIMIT $limit
),
-- A number is never given twice, as long as a word of its document is there.
used AS (
    SELECT greatest(
        (SELECT max(document) FROM search_documents), (SELECT max(document) FROM search_postings), 0
    ) AS document
)
SELECT article_id, (used.document + row_number() OVER (ORDER BY published_at, article_id))::INTEGER AS document
FROM chosen, used
ORDER BY document
