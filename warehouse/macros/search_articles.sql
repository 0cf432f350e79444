-- One row per article with all words and phrases of a query and none of the excluded, with its BM25 score.
CREATE OR REPLACE MACRO search_articles(query) AS TABLE
WITH units AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY words) AS unit, words, is_excluded, len(words) AS length
    FROM query_units(query)
),
query_words AS (
    SELECT unit, is_excluded, length, unnest(words) AS word, unnest(range(length)) AS offset_in_unit
    FROM units
),
postings AS MATERIALIZED (
    SELECT word, document, in_title, positions
    FROM internal.search_postings
    JOIN (SELECT DISTINCT word FROM query_words) USING (word)
    SEMI JOIN internal.search_documents USING (document)
),
-- A phrase occurs where the positions of all its words, minus their offsets in the phrase, are equal.
phrase_documents AS (
    SELECT unit, document
    FROM query_words JOIN postings USING (word)
    WHERE length > 1
    GROUP BY unit, document
    HAVING count(DISTINCT word) = (SELECT len(list_distinct(words)) FROM units WHERE units.unit = query_words.unit)
),
starts AS (
    SELECT unit, document, length, offset_in_unit, in_title, unnest(positions) - offset_in_unit AS start,
        unnest(range(len(positions))) < in_title AS is_in_title
    FROM query_words JOIN postings USING (word) SEMI JOIN phrase_documents USING (unit, document)
),
phrases AS (
    SELECT unit, document, bool_or(is_in_title) AS is_in_title
    FROM starts
    GROUP BY unit, document, start, length
    HAVING count(*) = length
),
hits AS MATERIALIZED (
    SELECT unit, document, in_title, len(positions) AS times
    FROM query_words JOIN postings USING (word)
    WHERE length = 1
    UNION ALL
    SELECT unit, document, count(*) FILTER (is_in_title), count(*)
    FROM phrases
    GROUP BY unit, document
),
totals AS (
    SELECT count(*) AS documents, avg(words) AS mean_size FROM internal.search_documents
),
idf AS (
    SELECT unit, ln(1 + (documents - count(*) + 0.5) / (count(*) + 0.5)) AS weight
    FROM hits, totals
    GROUP BY unit, documents
),
-- A word in the title counts as five in the text. BM25 with k1 = 1.2 and b = 0.75.
scores AS (
    SELECT
        document, count(*) AS units,
        sum(weight * 2.2 * (times + 4 * in_title)
            / (times + 4 * in_title + 1.2 * (0.25 + 0.75 * size / mean_size))) AS score
    FROM hits
    JOIN idf USING (unit)
    JOIN units USING (unit)
    JOIN (SELECT document, words AS size FROM internal.search_documents) USING (document)
    CROSS JOIN totals
    WHERE NOT is_excluded
    GROUP BY document
    UNION ALL
    -- Raises an error if the query has no word to search for.
    SELECT NULL, NULL, NULL
    FROM (SELECT CASE
        WHEN count(*) FILTER (NOT is_excluded) = 0
            THEN error('no word to search for; write at least one word that is not excluded')
    END IS NOT NULL AS is_empty FROM units)
    WHERE is_empty
)
SELECT
    round(score, 4) AS score, source, url, title, section, published_at, published_on, authors, editors, lead,
    article_id
FROM scores
ANTI JOIN (SELECT document FROM hits JOIN units USING (unit) WHERE is_excluded) USING (document)
JOIN internal.search_documents USING (document)
JOIN articles USING (article_id)
WHERE scores.units = (SELECT count(*) FROM units WHERE NOT is_excluded)
ORDER BY score DESC, published_at DESC, article_id;
COMMENT ON MACRO TABLE search_articles IS 'One row per article with all words and phrases of a query and none of the excluded, the best first by BM25. Example: FROM search_articles(''quantum -computing "solid state"'') LIMIT 10';
