-- One row a name in the credits of an article whose state is read anew, when it is no longer read there.
DELETE FROM credits
WHERE
    article_id IN (SELECT article_id FROM incoming_articles)
    AND NOT EXISTS (FROM incoming_credits AS incoming WHERE incoming IS NOT DISTINCT FROM credits)
