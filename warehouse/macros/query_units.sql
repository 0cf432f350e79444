-- One row per word or phrase of a query; a minus before it excludes it, and several words are a phrase.
CREATE OR REPLACE MACRO query_units(query) AS TABLE
WITH parts AS (
    SELECT unnest(regexp_extract_all(translate(query, '“”„«»＂－−', '""""""--'), '-?"[^"]*"?|[^\s"]+')) AS part
)
SELECT words, bool_or(is_excluded) AS is_excluded
FROM (SELECT folded_words(part) AS words, part LIKE '-%' AS is_excluded FROM parts)
WHERE len(words) > 0
GROUP BY words;
COMMENT ON MACRO TABLE query_units IS 'One row per word or phrase of a query; a minus before it excludes it, and several words are a phrase.';
