-- One row an open refusal of a response of the batch that has become an article after all: it was read anew.
UPDATE rejects
SET
    resolved_at = greatest(captures.fetched_at, runs.started_at), resolved_by = captures.capture_id,
    resolved_run_id = runs.run_id
FROM incoming_readings JOIN captures USING (capture_id), runs
WHERE
    rejects.capture_id = captures.capture_id
    AND rejects.resolved_at IS NULL
    AND runs.run_id = $run_id
