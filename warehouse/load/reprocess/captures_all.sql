-- One row per capture with a record in the archive.
SELECT capture_id FROM captures WHERE file IS NOT NULL
