-- One row per segment that is small enough to be merged.
SELECT segment, count(*) AS documents
FROM internal.search_documents
GROUP BY segment
HAVING count(*) < $large
ORDER BY segment
