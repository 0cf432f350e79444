-- One row with the run whose counts one more batch increases.
UPDATE runs
SET new = new + $new, changed = changed + $changed, rejected = rejected + $rejected
WHERE run_id = $run_id
