-- One row a run: what one more of its batches brought.
UPDATE runs
SET new = new + $new, changed = changed + $changed, rejected = rejected + $rejected
WHERE run_id = $run_id
