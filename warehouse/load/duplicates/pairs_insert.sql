-- One row a pair that is nearly the same.
INSERT INTO story_pairs BY NAME
FROM found_pairs
