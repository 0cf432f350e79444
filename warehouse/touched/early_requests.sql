-- One row a run and host that was asked sooner than we had promised, since a day before the run began.
-- Nobody request_pacing a min_delay of a day.
SELECT run_id, host
FROM request_pacing_since($started_at::TIMESTAMPTZ - INTERVAL 1 DAY)
WHERE source = $source AND early_requests > 0
