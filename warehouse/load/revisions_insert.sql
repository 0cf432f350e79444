-- One row a state of an article that has more than one.
INSERT INTO article_revisions BY NAME
SELECT * EXCLUDE (states) FROM found_states WHERE states > 1
