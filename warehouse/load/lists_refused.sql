-- One row the address of a listing, sitemap or index page that could not be read the last time.
SELECT DISTINCT url FROM rejects WHERE source = $source AND stage = 'discover' AND resolved_at IS NULL
