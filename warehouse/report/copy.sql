-- One row for the copy of the warehouse that is read, none for a writer's own file.
SELECT published_at, kind, source, state, published.newsetl_version
FROM published
LEFT JOIN runs USING (run_id)
