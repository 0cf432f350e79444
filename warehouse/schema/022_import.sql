-- One row a run, one row a refusal: from now on also of what was had from files.
COMMENT ON COLUMN runs.kind IS 'What kind of run it was: ingest, backfill, import, replay, reparse, recovery.';
COMMENT ON COLUMN rejects.url IS 'The address refused; the path of a saved file, with #OFFSET for a WARC record; archive:FILE#OFFSET for a damaged record of ours.';
COMMENT ON COLUMN rejects.resolved_at IS 'When the capture was fetched that became an article after all; when it was obtained, if from a file or an archive; when its own capture was read anew and became one; NULL while open.';
