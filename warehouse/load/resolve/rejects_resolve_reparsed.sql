-- One row an open refusal of a response of the batch that has become an article after all: it was read anew.
UPDATE rejects
SET
    resolved_at = greatest(captures.fetched_at, runs.started_at), resolved_by = captures.capture_id,
    resolved_run_id = runs.run_id
FROM (
    -- The rejections first: mostly there is none, and no response is looked for.
    SELECT capture_id, fetched_at
    FROM captures SEMI JOIN (
        SELECT capture_id FROM rejects SEMI JOIN incoming_readings USING (capture_id) WHERE resolved_at IS NULL
    ) USING (capture_id)
) AS captures, runs
WHERE
    rejects.capture_id = captures.capture_id
    AND rejects.resolved_at IS NULL
    AND runs.run_id = $run_id
