-- One row a state of an article that the batch touches, to be written anew.
DELETE FROM article_revisions WHERE article_id IN (SELECT article_id FROM known_states)
