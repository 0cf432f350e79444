-- One row with the run that ends.
UPDATE runs
SET
    ended_at = $ended_at, state = $state, discovered = $discovered, already_loaded = $already_loaded, error = $error,
    failed_listings = $failed_listings,
    seconds = (epoch_us($ended_at::TIMESTAMPTZ) - epoch_us(started_at)) / 1e6
WHERE run_id = $run_id
