-- One row per open reject of a listing, sitemap or index page that was fetched since.
UPDATE rejects
SET resolved_at = success.fetched_at, resolved_by = success.capture_id, resolved_run_id = $run_id
FROM (
    SELECT
        open.reject_id,
        min(captures.fetched_at) AS fetched_at,
        arg_min(captures.capture_id, (captures.fetched_at, captures.capture_id)) AS capture_id
    FROM rejects AS open
    JOIN incoming_captures AS captures
        ON captures.source = open.source AND captures.requested_url = open.url
    WHERE
        open.stage = 'discover'
        AND open.resolved_at IS NULL
        AND captures.kind <> 'article'
        AND captures.status BETWEEN 200 AND 299
        AND captures.fetched_at > open.rejected_at
    GROUP BY open.reject_id
) AS success
WHERE rejects.reject_id = success.reject_id
