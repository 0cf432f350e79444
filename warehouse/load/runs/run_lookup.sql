-- One row the run, if it was started here.
SELECT run_id FROM runs WHERE run_id = $run_id
