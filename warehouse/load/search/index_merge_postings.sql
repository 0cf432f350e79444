-- One row a word of a document of the segments, in one sorted segment; what is gone is left out.
INSERT INTO internal.search_postings BY NAME
SELECT $segment AS segment, word, document, in_title, positions
FROM internal.search_postings
SEMI JOIN (SELECT document FROM internal.search_documents WHERE segment IN (SELECT unnest($segments))) USING (document)
WHERE segment IN (SELECT unnest($segments))
ORDER BY word, document
