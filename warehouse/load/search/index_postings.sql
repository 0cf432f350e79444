-- One row per word of a fresh article.
INSERT INTO internal.search_postings BY NAME
WITH words AS (
    SELECT document, true AS is_title, unnest(title) AS word, unnest(range(len(title))) AS position
    FROM fresh_words
    UNION ALL
    SELECT document, false, unnest(text), unnest(range(len(title) + 1, len(title) + 1 + len(text)))
    FROM fresh_words
)
SELECT
    $segment AS segment, word, document,
    count(*) FILTER (is_title)::INTEGER AS in_title,
    list_sort(list(position::INTEGER)) AS positions
FROM words
GROUP BY word, document
ORDER BY word, document
