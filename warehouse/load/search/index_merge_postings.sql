-- One row per word and document of the merged segments, sorted by word, without deleted documents.
INSERT INTO internal.search_postings BY NAME
SELECT $segment AS segment, word, document, in_title, positions
FROM internal.search_postings
SEMI JOIN (SELECT document FROM internal.search_documents WHERE segment IN (SELECT unnest($segments))) USING (document)
WHERE segment IN (SELECT unnest($segments))
ORDER BY word, document
