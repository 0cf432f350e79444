-- One row a reason to go through the source's listings to their ends, though their first pages bring nothing new.
SELECT 'a run broke off or lost listings' AS reason
FROM runs AS broken
WHERE
    source = $source AND kind = 'ingest' AND (state <> 'completed' OR lost_listings > 0)
    AND NOT EXISTS (
        FROM runs AS whole
        WHERE
            whole.source = broken.source AND whole.kind = 'ingest' AND whole.started_at > broken.started_at
            AND whole.state = 'completed' AND whole.lost_listings = 0
            AND coalesce(whole.since, DATE '0001-01-01') <= coalesce(broken.since, DATE '0001-01-01')
            AND coalesce(whole.until, DATE '9999-12-31') >= coalesce(broken.until, DATE '9999-12-31')
    )
UNION
-- What a week of runs has not come across is announced no more.
SELECT 'a refused page is due again'
FROM rejects
WHERE
    source = $source AND stage <> 'discover' AND resolved_at IS NULL
    AND retry_at <= $now AND rejected_at > $now - INTERVAL 7 DAY
    -- What an archive or a file gave is not asked for again.
    AND NOT EXISTS (FROM captures WHERE captures.capture_id = rejects.capture_id AND via <> 'web')
