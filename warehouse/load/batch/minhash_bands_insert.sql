-- One row per article whose text is long enough to be compared.
INSERT INTO internal.minhash_bands BY NAME
SELECT * FROM incoming_bands
