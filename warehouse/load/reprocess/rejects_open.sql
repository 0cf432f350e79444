-- One row per open reject of the source with the place of its response in the archive, the oldest first.
SELECT
    rejects.url, rejects.reason, rejects.stage, rejects.rejected_at, rejects.capture_id, captures.file,
    captures."offset"
FROM rejects
LEFT JOIN captures ON captures.capture_id = rejects.capture_id
WHERE rejects.source = $source AND rejects.resolved_at IS NULL
ORDER BY rejects.rejected_at, rejects.reject_id
