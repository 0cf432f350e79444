-- One row per first page of a listing that was fetched since $since and has no open reject.
WITH fetched AS (
    SELECT DISTINCT requested_url AS url
    FROM captures
    WHERE source = $source AND kind = 'listing' AND via = 'web' AND status BETWEEN 200 AND 299 AND fetched_at >= $since
)
SELECT url
FROM fetched
WHERE
    NOT (regexp_matches(url, '_\d+\.\w+$') AND regexp_replace(url, '_\d+(\.\w+)$', '\1') IN (FROM fetched))
    AND url NOT IN (
        SELECT url FROM rejects WHERE source = $source AND resolved_at IS NULL AND url IS NOT NULL
    )
ORDER BY url
