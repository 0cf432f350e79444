-- One row per pair of similar articles.
INSERT INTO story_pairs BY NAME
FROM found_pairs
