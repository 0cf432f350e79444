-- One row a segment that is small enough to be brought together with others.
SELECT segment, count(*) AS documents
FROM internal.search_documents
GROUP BY segment
HAVING count(*) < $large
ORDER BY segment
