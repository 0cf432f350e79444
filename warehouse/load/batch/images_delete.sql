-- One row per stored image of an updated article that is no longer parsed.
DELETE FROM images
WHERE
    article_id IN (SELECT article_id FROM incoming_articles)
    AND NOT EXISTS (FROM incoming_images AS incoming WHERE incoming IS NOT DISTINCT FROM images)
