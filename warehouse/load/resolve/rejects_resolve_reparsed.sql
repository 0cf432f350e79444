-- One row per open reject whose capture has become an article by a reparse in this batch.
UPDATE rejects
SET
    resolved_at = greatest(captures.fetched_at, runs.started_at), resolved_by = captures.capture_id,
    resolved_run_id = runs.run_id
FROM (
    -- Rejects first: usually none, and then captures is not read.
    SELECT capture_id, fetched_at
    FROM captures SEMI JOIN (
        SELECT capture_id FROM rejects SEMI JOIN incoming_capture_articles USING (capture_id) WHERE resolved_at IS NULL
    ) USING (capture_id)
) AS captures, runs
WHERE
    rejects.capture_id = captures.capture_id
    AND rejects.resolved_at IS NULL
    AND runs.run_id = $run_id
