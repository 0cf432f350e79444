-- One row per stored teaser of a reparsed capture that is no longer parsed.
DELETE FROM teasers
WHERE
    capture_id IN (SELECT capture_id FROM incoming_capture_articles)
    AND NOT EXISTS (FROM incoming_teasers AS incoming WHERE incoming IS NOT DISTINCT FROM teasers)
