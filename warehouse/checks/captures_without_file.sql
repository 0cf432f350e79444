-- One row an archive file that captures are said to be in and that is not there.
-- error: restore the archive from a copy; only what is in it can be read again.
SELECT source, file, count(*) AS captures
FROM captures
WHERE file IS NULL OR file NOT IN (FROM archive_files)
GROUP BY source, file
ORDER BY ALL
