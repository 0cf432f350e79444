-- One row an article whose text can be compared.
INSERT INTO internal.minhash_bands BY NAME
SELECT * FROM incoming_bands
