-- One row per fresh article.
INSERT INTO internal.search_documents BY NAME
SELECT document, article_id, $segment AS segment, len(title) + len(text) AS words
FROM fresh_words
