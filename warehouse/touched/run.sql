-- One row with the run, if it can only have changed its own rows.
SELECT started_at FROM runs WHERE run_id = $run_id AND kind IN ('ingest', 'backfill', 'import')
