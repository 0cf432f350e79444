-- One row a check that found nothing of the source when it was made last.
SELECT name
FROM check_results
WHERE source = $source
GROUP BY name
HAVING arg_max(coalesce(failing_rows, 1), (checked_at, coalesce(failing_rows, 1))) = 0
