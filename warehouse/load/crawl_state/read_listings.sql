-- One row a listing of the source, by its first page, that was read since $since and is not rejected now.
WITH read AS (
    SELECT DISTINCT requested_url AS url
    FROM captures
    WHERE source = $source AND kind = 'listing' AND via = 'web' AND status BETWEEN 200 AND 299 AND fetched_at >= $since
)
SELECT url
FROM read
WHERE
    NOT (regexp_matches(url, '_\d+\.\w+$') AND regexp_replace(url, '_\d+(\.\w+)$', '\1') IN (FROM read))
    AND url NOT IN (
        SELECT url FROM rejects WHERE source = $source AND resolved_at IS NULL AND url IS NOT NULL
    )
ORDER BY url
