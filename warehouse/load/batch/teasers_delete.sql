-- One row an item of a teaser block of a capture that is read anew, when it is no longer read there.
DELETE FROM teasers
WHERE
    capture_id IN (SELECT capture_id FROM incoming_readings)
    AND NOT EXISTS (FROM incoming_teasers AS incoming WHERE incoming IS NOT DISTINCT FROM teasers)
