-- One row a page that announces articles: its newest whole response, if it can be asked for conditionally.
WITH newest AS (
    -- The rows first: of the others only the addresses are read.
    SELECT captures.rowid AS place
    FROM captures
    WHERE source = $source AND kind IN ('index', 'listing', 'sitemap', 'feed') AND status = 200 AND bytes > 0
    QUALIFY row_number() OVER (PARTITION BY requested_url ORDER BY fetched_at DESC, capture_id) = 1
)
SELECT url, etag, last_modified, file, "offset"
FROM captures
JOIN newest ON captures.rowid = place
WHERE url = requested_url AND file IS NOT NULL AND coalesce(etag, last_modified) IS NOT NULL
