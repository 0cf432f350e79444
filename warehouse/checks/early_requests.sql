-- One row per run and host with a request before the minimum delay had passed.
-- error: report it with these rows; the view request_pacing has more of them.
SELECT source, host, early_requests, shortest_gap, min_delay, first_at, run_id
FROM request_pacing
WHERE early_requests > 0
ORDER BY first_at DESC, host
