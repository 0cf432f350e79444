-- One row per name and kind in the source's credits.
CREATE OR REPLACE TEMP TABLE printed_names AS
SELECT
    credits.name, credits.kind,
    min(articles.published_on) AS first_on,
    max(articles.published_on) AS last_on,
    count(*) AS credits
FROM credits
JOIN articles USING (article_id)
WHERE articles.source = $source
GROUP BY credits.name, credits.kind
