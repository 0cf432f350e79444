-- One row per capture of the run whose article does not exist.
SELECT capture_id
FROM captures
ANTI JOIN articles USING (article_id)
WHERE run_id = $run_id AND article_id IS NOT NULL
