-- One row an article that gets the sketch that it lacked.
INSERT INTO internal.minhash_bands BY NAME
SELECT article_id, bands FROM found_sketches
