-- One row a state of an article that has more than one, or whose text of now is another address's.
INSERT INTO article_revisions BY NAME
SELECT found.* EXCLUDE (states)
FROM found_states AS found
JOIN touched_articles AS articles USING (article_id)
WHERE
    states > 1
    OR (found.title_hash, found.text_hash) IS DISTINCT FROM (articles.title_hash, articles.text_hash)
