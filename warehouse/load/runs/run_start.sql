-- One row with the run that begins.
INSERT INTO runs (run_id, source, kind, since, until, state, started_at, is_incremental, newsetl_version, data_dir_id)
VALUES (
    $run_id, $source, $kind, $since, $until, 'running', $started_at, $is_incremental, $newsetl_version, $data_dir_id
)
