-- One row per listing, sitemap or feed whose newest complete response, since $since, allows a conditional request.
WITH newest AS (
    -- Row ids first: scanning a narrow column avoids reading the wide columns of other rows.
    SELECT captures.rowid AS row_id
    FROM captures
    WHERE source = $source AND kind IN ('index', 'listing', 'sitemap', 'feed') AND status = 200 AND bytes > 0
    QUALIFY row_number() OVER (PARTITION BY requested_url ORDER BY fetched_at DESC, capture_id) = 1
)
SELECT url, etag, last_modified, file, "offset"
FROM captures
JOIN newest ON captures.rowid = row_id
WHERE url = requested_url AND file IS NOT NULL AND coalesce(etag, last_modified) IS NOT NULL
    AND fetched_at >= $since
