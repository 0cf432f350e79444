-- One row a word of the segments that were brought together.
DELETE FROM search_postings
WHERE segment IN (SELECT unnest($segments))
