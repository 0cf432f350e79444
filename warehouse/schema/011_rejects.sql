-- One row a refusal: one address, one reason, from its first occurrence until it is resolved.
CREATE TABLE rejects (
    reject_id   UUID NOT NULL,
    source      VARCHAR NOT NULL,
    url         VARCHAR,
    stage       VARCHAR NOT NULL CHECK (stage IN ('discover', 'fetch', 'parse', 'normalise')),
    reason      VARCHAR NOT NULL,
    message     VARCHAR NOT NULL,
    rejected_at TIMESTAMPTZ NOT NULL,
    capture_id  UUID,
    retry_at    TIMESTAMPTZ,
    resolved_at TIMESTAMPTZ,
    resolved_by UUID
);
COMMENT ON TABLE rejects IS 'One row a refusal: one address, one reason, from its first occurrence until it is resolved.';
COMMENT ON COLUMN rejects.reject_id IS 'The refusal''s identity, made from source, address, reason and first occurrence.';
COMMENT ON COLUMN rejects.source IS 'The source''s slug.';
COMMENT ON COLUMN rejects.url IS 'The address refused; NULL for a saved file without one.';
COMMENT ON COLUMN rejects.stage IS 'Who refused it: discover, fetch, parse or normalise.';
COMMENT ON COLUMN rejects.reason IS 'empty_body, too_large, binary, undecodable, dead_page, removed_page, challenge, not_article, no_landmarks, no_title, no_text, no_date, bad_date, future_date, date_before_source, http_status, unreachable, robots or internal.';
COMMENT ON COLUMN rejects.message IS 'What was wrong the last time, in one line.';
COMMENT ON COLUMN rejects.rejected_at IS 'When it was last refused.';
COMMENT ON COLUMN rejects.capture_id IS 'The response last refused; NULL if there was none.';
COMMENT ON COLUMN rejects.retry_at IS 'From when on the address is asked for again; NULL if it waits for a person.';
COMMENT ON COLUMN rejects.resolved_at IS 'When the capture was fetched that became an article after all; NULL while open.';
COMMENT ON COLUMN rejects.resolved_by IS 'That capture.';
