-- One row a run: what one more of its batches brought.
UPDATE runs
SET new = new + $new, changed = changed + $changed, refused = refused + $refused
WHERE run_id = $run_id
