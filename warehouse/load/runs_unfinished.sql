-- One row an ingest that broke off and that no later one of its window, or a wider one, has made good.
SELECT broken.run_id
FROM runs AS broken
WHERE
    broken.source = $source
    AND broken.kind IN ('ingest', 'backfill')
    AND broken.state <> 'completed'
    AND NOT EXISTS (
        FROM runs AS later
        WHERE
            later.source = broken.source
            AND later.kind IN ('ingest', 'backfill')
            AND later.state = 'completed'
            AND later.started_at > broken.started_at
            AND (later.since IS NULL OR later.since <= broken.since)
            AND (later.until IS NULL OR later.until >= broken.until)
    )
