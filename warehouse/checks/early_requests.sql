-- One row a run and host that was asked sooner than we had promised.
-- error: report it with these rows; the view request_pacing has more of them.
SELECT source, host, early_requests, shortest_gap, min_delay, first_at, run_id
FROM request_pacing
WHERE early_requests > 0
ORDER BY first_at DESC, host
