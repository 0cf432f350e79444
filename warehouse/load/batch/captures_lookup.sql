-- One row a capture that the batch names but does not carry.
SELECT captures.capture_id, fetched_at
FROM captures SEMI JOIN incoming_named USING (capture_id)
