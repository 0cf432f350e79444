-- One row with the run, if it exists.
SELECT run_id FROM runs WHERE run_id = $run_id
