-- One row per capture that the batch refers to without containing it.
SELECT captures.capture_id, fetched_at
FROM captures SEMI JOIN incoming_capture_ids USING (capture_id)
