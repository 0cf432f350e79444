-- One row per source and month with articles: the number and share of articles with a term in title or text, in any case.
CREATE OR REPLACE MACRO timeline(term) AS TABLE
SELECT
    source, month_on,
    count(*) FILTER (has_term) AS articles,
    count(*) AS of_all,
    avg(has_term::INTEGER) AS share
FROM (
    SELECT
        source, date_trunc('month', published_on)::DATE AS month_on,
        contains(lower(title), lower(term)) OR contains(lower(text), lower(term)) AS has_term
    FROM articles
)
GROUP BY source, month_on
ORDER BY source, month_on;
COMMENT ON MACRO TABLE timeline IS 'One row per source and month with articles: articles with the term in title or text (in any case), of_all articles of the month, and their share.';
