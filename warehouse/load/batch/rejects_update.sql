-- One row per open reject that occurred again.
UPDATE rejects
SET
    stage = incoming.stage, message = incoming.message, rejected_at = incoming.rejected_at,
    capture_id = incoming.capture_id, retry_at = incoming.retry_at
FROM incoming_rejects AS incoming
WHERE
    rejects.source = incoming.source AND rejects.reason = incoming.reason
    AND coalesce(rejects.url, rejects.capture_id::VARCHAR, '') = coalesce(incoming.url, incoming.capture_id::VARCHAR, '')
    AND rejects.resolved_at IS NULL
    AND rejects.rejected_at <= incoming.rejected_at
    AND (rejects.stage, rejects.message, rejects.rejected_at, rejects.capture_id, rejects.retry_at)
        IS DISTINCT FROM
        (incoming.stage, incoming.message, incoming.rejected_at, incoming.capture_id, incoming.retry_at)
