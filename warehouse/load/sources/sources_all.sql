-- One row a source: its slug.
SELECT slug FROM sources ORDER BY slug
