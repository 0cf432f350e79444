-- One row per printed name of the source.
INSERT INTO name_matches BY NAME
SELECT $source AS source, * FROM incoming_name_matches
