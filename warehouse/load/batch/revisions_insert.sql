-- One row per state of an article that has several states, or whose current text is from another URL.
INSERT INTO article_revisions BY NAME
SELECT states_found.* EXCLUDE (states)
FROM found_states AS states_found
JOIN touched_articles AS articles USING (article_id)
WHERE
    states > 1
    OR (states_found.title_hash, states_found.text_hash) IS DISTINCT FROM (articles.title_hash, articles.text_hash)
