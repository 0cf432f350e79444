-- One row a run of this folder that has not ended, the oldest first; a DuckDB file has but one folder's, without its id.
SELECT run_id, source, started_at
FROM runs
WHERE state = 'running' AND data_dir_id IS NOT DISTINCT FROM $data_dir_id
ORDER BY started_at, run_id
