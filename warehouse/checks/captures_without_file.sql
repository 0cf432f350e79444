-- One row per missing archive file that captures refer to.
-- error: restore the archive from a backup; captures of missing files cannot be parsed again.
SELECT source, file, count(*) AS captures
FROM captures
WHERE file IS NULL OR file NOT IN (FROM archive_files)
GROUP BY source, file
ORDER BY ALL
