-- One row per posting of the segments that were merged.
DELETE FROM internal.search_postings
WHERE segment IN (SELECT unnest($segments))
