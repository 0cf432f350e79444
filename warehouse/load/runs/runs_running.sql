-- One row per run of the data directory with the state running, the oldest first.
-- In a DuckDB file data_dir_id is NULL, because all its runs are of one data directory.
SELECT run_id, source, started_at
FROM runs
WHERE state = 'running' AND data_dir_id IS NOT DISTINCT FROM $data_dir_id
ORDER BY started_at, run_id
