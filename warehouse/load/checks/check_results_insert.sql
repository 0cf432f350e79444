-- One row per check that ran after the run had loaded.
INSERT INTO check_results BY NAME
SELECT
    $run_id::UUID AS run_id, $source AS source, unnest($names::VARCHAR[]) AS name,
    unnest($severities::VARCHAR[]) AS severity, $checked_at::TIMESTAMPTZ AS checked_at,
    unnest($failing_rows::BIGINT[]) AS failing_rows, unnest($samples::VARCHAR[])::JSON AS samples,
    unnest($errors::VARCHAR[]) AS error
