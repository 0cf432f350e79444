-- One row per revision of a touched article, to be written again.
DELETE FROM article_revisions WHERE article_id IN (SELECT article_id FROM known_states)
