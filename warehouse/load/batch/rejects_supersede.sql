-- One row per open reject whose capture is now rejected for another reason, after a reparse.
DELETE FROM rejects
WHERE
    resolved_at IS NULL
    AND stage IN ('parse', 'normalise')
    AND capture_id IN (SELECT capture_id FROM incoming_rejects)
    AND (capture_id, reason) NOT IN (
        SELECT (capture_id, reason) FROM incoming_rejects WHERE capture_id IS NOT NULL
    )
