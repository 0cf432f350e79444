-- One row per check that found no failing rows of the source when it last ran.
SELECT name
FROM check_results
WHERE source = $source
GROUP BY name
HAVING arg_max(coalesce(failing_rows, 1), (checked_at, coalesce(failing_rows, 1))) = 0
