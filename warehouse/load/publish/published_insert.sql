-- One row in a published copy, with the run that it contains.
INSERT INTO published BY NAME
SELECT
    coalesce($run_id, (SELECT arg_max(run_id, started_at) FROM runs)) AS run_id,
    now() AS published_at,
    (SELECT count(*) FROM articles) AS articles,
    $newsetl_version AS newsetl_version;
