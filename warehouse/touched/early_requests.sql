-- One row per run and host with a request before its minimum delay, since a day before the run began.
-- No source has a minimum delay of a day.
SELECT run_id, host
FROM request_pacing_since($started_at::TIMESTAMPTZ - INTERVAL 1 DAY)
WHERE source = $source AND early_requests > 0
