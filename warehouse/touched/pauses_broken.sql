-- One row a run and host that was asked sooner than we had promised, since a day before the run began.
-- Nobody promises a pause of a day.
SELECT run_id, host
FROM promises_since($started_at::TIMESTAMPTZ - INTERVAL 1 DAY)
WHERE source = $source AND violations > 0
