-- One row per source and paragraph that five articles or more have, as promotions and footers do.
-- warning: if it is no part of the articles, add it to the source's boilerplate_patterns, then run newsetl reparse.
WITH paragraphs AS (
    SELECT source, article_id, url, unnest(list_distinct(string_split(text, E'\n\n'))) AS paragraph
    FROM checked_articles
)
SELECT source, count(*) AS articles, left(paragraph, 120) AS paragraph, min(url) AS url
FROM paragraphs
WHERE length(paragraph) >= 10
GROUP BY source, paragraphs.paragraph
HAVING count(*) >= 5
ORDER BY source, articles DESC, paragraph
