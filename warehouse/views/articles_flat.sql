-- One row an article, with its credits as lists: the view to start with.
CREATE OR REPLACE VIEW articles_flat AS
WITH photographers AS (
    SELECT article_id, list(name ORDER BY position) AS photographers
    FROM credits
    WHERE role = 'photographer'
    GROUP BY article_id
)
SELECT
    source, url, title, section, agency, published_at, published_on, published_precision,
    authors, editors, coalesce(photographers, []::VARCHAR[]) AS photographers,
    lead, text, words, language, first_seen_at, changed_at, gone_at, article_id
FROM articles
LEFT JOIN photographers USING (article_id);
COMMENT ON VIEW articles_flat IS 'One row an article, with its credits as lists: the view to start with.';
COMMENT ON COLUMN articles_flat.photographers IS 'Photographers in the printed order.';
