-- One row per open reject, the newest first.
CREATE OR REPLACE VIEW open_rejects AS
SELECT
    source, url, stage, reason, message, rejected_at, retry_at,
    coalesce(retry_at <= now(), false) AS is_due,
    capture_id, reject_id
FROM rejects
WHERE resolved_at IS NULL
ORDER BY rejected_at DESC, url;
COMMENT ON VIEW open_rejects IS 'One row per open reject, the newest first.';
COMMENT ON COLUMN open_rejects.is_due IS 'True if the next run requests the URL again.';
