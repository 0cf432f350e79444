-- One row per stored response that can be parsed: a page that no earlier stage rejected.
SELECT capture_id, fetched_at, file, "offset"
FROM captures
WHERE
    source = $source AND kind = 'article' AND status BETWEEN 200 AND 299 AND file IS NOT NULL
    AND capture_id NOT IN (
        SELECT capture_id FROM rejects WHERE capture_id IS NOT NULL AND stage IN ('discover', 'fetch')
    )
ORDER BY file, "offset"
