-- One row a name as printed, of the source.
INSERT INTO person_claims BY NAME
SELECT $source AS source, * FROM incoming_person_claims
