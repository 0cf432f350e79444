-- One row an open refusal at a place in a file or an archive, from which an article has been had since.
UPDATE rejects
SET resolved_at = had.obtained_at, resolved_by = had.capture_id, resolved_run_id = $run_id
FROM incoming_captures AS had
WHERE
    rejects.source = had.source AND rejects.url = had.via_url
    AND rejects.resolved_at IS NULL
    AND had.article_id IS NOT NULL
