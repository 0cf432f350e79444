-- One row a response of the run that became an article which is not there.
SELECT capture_id
FROM captures
ANTI JOIN articles USING (article_id)
WHERE run_id = $run_id AND article_id IS NOT NULL
