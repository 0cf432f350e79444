-- One row a word of the segments that were brought together.
DELETE FROM internal.search_postings
WHERE segment IN (SELECT unnest($segments))
