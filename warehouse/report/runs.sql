-- One row per run, the last fifteen.
SELECT source, kind, state, started_at, seconds, discovered, new, changed, rejected, requests, bytes, error
FROM run_summary
WHERE $source IS NULL OR source = $source
ORDER BY started_at DESC, run_id
LIMIT 15
