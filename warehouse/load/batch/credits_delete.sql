-- One row per stored credit of an updated article that is no longer parsed.
DELETE FROM credits
WHERE
    article_id IN (SELECT article_id FROM incoming_articles)
    AND NOT EXISTS (FROM incoming_credits AS incoming WHERE incoming IS NOT DISTINCT FROM credits)
