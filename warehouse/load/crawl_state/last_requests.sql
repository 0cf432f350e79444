-- One row a host asked within the hour: when its last response ended. A run that starts owes it the min_delay from then.
SELECT host, max(requested_at + to_microseconds((elapsed * 1e6)::BIGINT)) AS ended_at
FROM requests
WHERE is_allowed AND requested_at > $now - INTERVAL 1 HOUR
GROUP BY host
