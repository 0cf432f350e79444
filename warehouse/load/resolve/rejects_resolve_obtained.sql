-- One row per open reject of a record in a file or web archive that has become an article since.
UPDATE rejects
SET resolved_at = imported.obtained_at, resolved_by = imported.capture_id, resolved_run_id = $run_id
FROM incoming_captures AS imported
WHERE
    rejects.source = imported.source AND rejects.url = imported.via_url
    AND rejects.resolved_at IS NULL
    AND imported.article_id IS NOT NULL
