-- One row a refused address of the source that is due again, as it was announced; for thirty days.
-- What a backfill alone has met is not the daily run's.
WITH mine AS (
    SELECT started_at, coalesce(ended_at, TIMESTAMPTZ 'infinity') AS ended_at
    FROM runs
    WHERE source = $source AND kind = 'ingest'
),
-- Mostly there is none, and no announcement is looked for.
refused AS MATERIALIZED (
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
        refused.url,
        coalesce(any_value(announcements.found_on), refused.url) AS found_on,
        any_value(announcements.title) AS title,
        any_value(announcements.section) AS section,
        min(announcements.first_seen_at) AS announced_at,
        any_value(refused.rejected_at) AS rejected_at,
        coalesce(min(announcements.first_seen_at), any_value(first_rejected_at)) AS since
    FROM refused
    LEFT JOIN announcements ON announcements.source = $source AND announcements.url = refused.url
    GROUP BY refused.url
)
SELECT url, found_on, title, section
FROM due
WHERE
    since > $now - INTERVAL 30 DAY
    AND EXISTS (
        FROM mine
        WHERE
            due.announced_at BETWEEN mine.started_at AND mine.ended_at
            OR due.rejected_at BETWEEN mine.started_at AND mine.ended_at
    )
ORDER BY url
