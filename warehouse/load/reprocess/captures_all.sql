-- One row a response that the archive is said to hold.
SELECT capture_id FROM captures WHERE file IS NOT NULL
