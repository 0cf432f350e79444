-- One row a run, as it begins.
INSERT INTO runs (run_id, source, kind, since, until, state, started_at, is_following, newsetl_version, folder_id)
VALUES (
    $run_id, $source, $kind, $since, $until, 'running', $started_at, $is_following, $newsetl_version, $folder_id
)
