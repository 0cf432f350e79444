-- One row a document of the segments, which is in the new one now.
UPDATE internal.search_documents
SET segment = $segment
WHERE segment IN (SELECT unnest($segments))
