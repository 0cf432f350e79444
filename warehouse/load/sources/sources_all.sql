-- One row per source, with its slug.
SELECT slug FROM sources ORDER BY slug
