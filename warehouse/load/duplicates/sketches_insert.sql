-- One row per article with a newly computed sketch.
INSERT INTO internal.minhash_bands BY NAME
SELECT article_id, bands FROM found_sketches
