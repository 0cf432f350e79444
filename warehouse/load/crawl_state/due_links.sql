-- One row a rejected address of the source that is due again, as it was discovered; for thirty days.
-- What a backfill alone has met is not the daily run's.
WITH mine AS (
    SELECT started_at, coalesce(ended_at, TIMESTAMPTZ 'infinity') AS ended_at
    FROM runs
    WHERE source = $source AND kind = 'ingest'
),
-- Mostly there is none, and no announcement is looked for.
rejected AS MATERIALIZED (
    SELECT url, min(rejected_at) AS first_rejected_at, max(rejected_at) AS rejected_at
    FROM rejects
    WHERE
        source = $source AND stage <> 'discover' AND resolved_at IS NULL AND url IS NOT NULL
        -- What an archive or a file gave is not asked for again.
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
        FROM mine
        WHERE
            due.discovered_at BETWEEN mine.started_at AND mine.ended_at
            OR due.rejected_at BETWEEN mine.started_at AND mine.ended_at
    )
ORDER BY url
