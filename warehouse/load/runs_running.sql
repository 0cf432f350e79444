-- One row a run that has not ended, the oldest first.
SELECT run_id, source, started_at FROM runs WHERE state = 'running' ORDER BY started_at, run_id
