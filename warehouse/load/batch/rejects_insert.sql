-- One row per new reject; open rejects were updated before.
INSERT INTO rejects BY NAME
SELECT incoming.*
FROM incoming_rejects AS incoming
ANTI JOIN rejects
    ON rejects.source = incoming.source AND rejects.reason = incoming.reason
    AND coalesce(rejects.url, rejects.capture_id::VARCHAR, '') = coalesce(incoming.url, incoming.capture_id::VARCHAR, '')
    AND rejects.rejected_at >= incoming.rejected_at
