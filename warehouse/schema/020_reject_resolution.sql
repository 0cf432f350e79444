-- One row a refusal: from now on also which run resolved it, and the reason `damaged`.
ALTER TABLE rejects ADD COLUMN resolved_run_id UUID;
COMMENT ON COLUMN rejects.resolved_run_id IS 'The run that resolved it; its kind says how: ingest, replay, reparse.';
COMMENT ON COLUMN rejects.resolved_at IS 'When the capture was fetched that became an article after all, or when its own capture was read anew and became one; NULL while open.';
COMMENT ON COLUMN rejects.url IS 'The address refused; archive:FILE#OFFSET for a damaged record; NULL for a saved file without one.';
COMMENT ON COLUMN rejects.reason IS 'empty_body, too_large, binary, undecodable, dead_page, removed_page, challenge, not_article, no_landmarks, no_title, no_text, no_date, bad_date, future_date, date_before_source, http_status, unreachable, robots, damaged or internal.';
COMMENT ON COLUMN runs.kind IS 'What kind of run it was: ingest, backfill, replay, reparse, recovery.';
COMMENT ON COLUMN runs.state IS 'running, completed or failed; a run that was killed is running until the next start, then failed.';
