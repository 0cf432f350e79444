-- One row per host that was requested in the last hour, with the end of its last response.
-- A new run must leave the host's minimum delay after this response.
SELECT host, max(requested_at + to_microseconds((elapsed * 1e6)::BIGINT)) AS ended_at
FROM requests
WHERE is_allowed AND requested_at > $now - INTERVAL 1 HOUR
GROUP BY host
