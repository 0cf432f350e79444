-- One row for the published copy that is read; none in the writer's own file.
SELECT published_at, kind, source, state, published.newsetl_version
FROM published
LEFT JOIN runs USING (run_id)
