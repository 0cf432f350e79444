-- One row per article with its credits as lists. Start with this view.
CREATE OR REPLACE VIEW articles_flat AS
SELECT
    source, url, title, section, agency, published_at, published_on, published_precision,
    authors, editors,
    -- A correlated subquery, because a join would read the credits of all articles first.
    coalesce((
        SELECT list(name ORDER BY position)
        FROM credits
        WHERE credits.article_id = articles.article_id AND role = 'photographer'
    ), []::VARCHAR[]) AS photographers,
    lead, text, words, language, first_seen_at, changed_at, gone_at, article_id
FROM articles;
COMMENT ON VIEW articles_flat IS 'One row per article with its credits as lists. Start with this view.';
COMMENT ON COLUMN articles_flat.photographers IS 'Photographers in the printed order.';
