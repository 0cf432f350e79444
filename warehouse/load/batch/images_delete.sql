-- One row a picture of an article whose state is read anew, when it is no longer read there.
DELETE FROM images
WHERE
    article_id IN (SELECT article_id FROM incoming_articles)
    AND NOT EXISTS (FROM incoming_images AS incoming WHERE incoming IS NOT DISTINCT FROM images)
