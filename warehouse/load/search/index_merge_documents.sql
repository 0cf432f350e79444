-- One row per document of the merged segments.
UPDATE internal.search_documents
SET segment = $segment
WHERE segment IN (SELECT unnest($segments))
