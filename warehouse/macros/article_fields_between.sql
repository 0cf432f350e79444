-- One row per article, as in the view article_fields, published between two days (both included).
CREATE OR REPLACE MACRO article_fields_between(since, until) AS TABLE
-- Only images of these articles; else DuckDB would build its hash table from all images.
WITH illustrated AS (
    SELECT article_id
    FROM images
    SEMI JOIN (SELECT article_id FROM articles WHERE published_on BETWEEN since AND until) USING (article_id)
)
SELECT
    source, article_id, url, capture_id, published_at, published_on,
    (section IS NOT NULL)::DOUBLE AS section,
    (agency IS NOT NULL)::DOUBLE AS agency,
    (len(authors) > 0)::DOUBLE AS authors,
    (len(editors) > 0)::DOUBLE AS editors,
    (article_id IN (FROM illustrated))::DOUBLE AS images,
    (published_precision = 'second')::DOUBLE AS published_precision,
    length(title)::DOUBLE AS title,
    length(lead)::DOUBLE AS lead,
    words::DOUBLE AS text
FROM articles
WHERE published_on BETWEEN since AND until;
COMMENT ON MACRO TABLE article_fields_between IS 'One row per article, as in the view article_fields, published between two days (both included).';
