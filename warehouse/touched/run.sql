-- One row the run, if all that it may have done wrong is in rows of its own.
SELECT started_at FROM runs WHERE run_id = $run_id AND kind IN ('ingest', 'backfill', 'import')
