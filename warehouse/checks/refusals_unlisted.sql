-- One row a run that counted refusals of which no row is left.
-- defect: rebuild; if it stays, report it with these rows.
SELECT source, started_at, refused, run_id
FROM runs
WHERE
    refused > 0 AND kind = 'ingest'
    AND NOT EXISTS (FROM rejects WHERE rejects.source = runs.source AND rejected_at >= runs.started_at)
    AND run_id NOT IN (SELECT run_id FROM rejects JOIN captures USING (capture_id))
ORDER BY started_at DESC, run_id
