-- One row a refused address of the source that is due again, as it was announced; for thirty days.
SELECT
    rejects.url,
    coalesce(any_value(announcements.found_on), rejects.url) AS found_on,
    any_value(announcements.title) AS title,
    any_value(announcements.section) AS section
FROM rejects
LEFT JOIN announcements USING (source, url)
WHERE
    rejects.source = $source AND stage <> 'discover' AND resolved_at IS NULL AND rejects.url IS NOT NULL
    -- What an archive or a file gave is not asked for again.
    AND NOT EXISTS (FROM captures WHERE captures.capture_id = rejects.capture_id AND via <> 'web')
GROUP BY rejects.url
HAVING
    arg_max(retry_at, rejected_at) <= $now
    AND coalesce(min(announcements.first_seen_at), min(rejected_at)) > $now - INTERVAL 30 DAY
ORDER BY rejects.url
