-- One row per rejected URL of the source that is due for a retry, for thirty days, as its link was discovered.
-- URLs that only backfills have rejected are left out.
WITH daily_runs AS (
    SELECT started_at, coalesce(ended_at, TIMESTAMPTZ 'infinity') AS ended_at
    FROM runs
    WHERE source = $source AND kind = 'ingest'
),
-- Usually empty; then discovered_links is not read.
rejected AS MATERIALIZED (
    SELECT url, min(rejected_at) AS first_rejected_at, max(rejected_at) AS rejected_at
    FROM rejects
    WHERE
        source = $source AND stage <> 'discover' AND resolved_at IS NULL AND url IS NOT NULL
        -- Captures from web archives and files are not requested again.
        AND NOT EXISTS (FROM captures WHERE captures.capture_id = rejects.capture_id AND via <> 'web')
    GROUP BY url
    HAVING arg_max(retry_at, rejected_at) <= $now
),
due AS (
    SELECT
        rejected.url,
        coalesce(any_value(discovered_links.discovered_from), rejected.url) AS discovered_from,
        any_value(discovered_links.title) AS title,
        any_value(discovered_links.section) AS section,
        min(discovered_links.first_seen_at) AS discovered_at,
        any_value(rejected.rejected_at) AS rejected_at,
        coalesce(min(discovered_links.first_seen_at), any_value(first_rejected_at)) AS since
    FROM rejected
    LEFT JOIN discovered_links ON discovered_links.source = $source AND discovered_links.url = rejected.url
    GROUP BY rejected.url
)
SELECT url, discovered_from, title, section
FROM due
WHERE
    since > $now - INTERVAL 30 DAY
    AND EXISTS (
        FROM daily_runs
        WHERE
            due.discovered_at BETWEEN daily_runs.started_at AND daily_runs.ended_at
            OR due.rejected_at BETWEEN daily_runs.started_at AND daily_runs.ended_at
    )
ORDER BY url
