-- One row per title and text that pages of the run have, with the URLs of these pages.
SELECT title_hash, text_hash, list(DISTINCT requested_url) AS urls
FROM captures
WHERE run_id = $run_id AND list_contains($title_hashes, title_hash)
GROUP BY title_hash, text_hash
