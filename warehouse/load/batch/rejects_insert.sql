-- One row a refusal that is not here yet; an open one has been brought up to date before.
INSERT INTO rejects BY NAME
SELECT incoming.*
FROM incoming_rejects AS incoming
ANTI JOIN rejects
    ON rejects.source = incoming.source AND rejects.reason = incoming.reason
    AND coalesce(rejects.url, rejects.capture_id::VARCHAR, '') = coalesce(incoming.url, incoming.capture_id::VARCHAR, '')
    AND rejects.rejected_at >= incoming.rejected_at
