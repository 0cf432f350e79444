-- One row an attempt at a request: the audit of what newsetl asked of whom, and how long it waited first.
CREATE TABLE requests (
    run_id       UUID NOT NULL,
    source       VARCHAR NOT NULL,
    url          VARCHAR NOT NULL,
    host         VARCHAR NOT NULL,
    why          VARCHAR NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    status       INTEGER,
    waited       DOUBLE NOT NULL,
    elapsed      DOUBLE NOT NULL,
    size         BIGINT NOT NULL,
    is_allowed   BOOLEAN NOT NULL,
    attempt      INTEGER NOT NULL,
    error        VARCHAR,
    capture_id   UUID
);
COMMENT ON TABLE requests IS 'One row an attempt at a request: the audit of what newsetl asked of whom, and how long it waited first.';
COMMENT ON COLUMN requests.run_id IS 'The run that first loaded it.';
COMMENT ON COLUMN requests.source IS 'The source''s slug.';
COMMENT ON COLUMN requests.url IS 'The address asked for.';
COMMENT ON COLUMN requests.host IS 'Its host, with the port if it is not the usual one.';
COMMENT ON COLUMN requests.why IS 'What for: article, index, listing, sitemap, search, robots.';
COMMENT ON COLUMN requests.requested_at IS 'When the request was sent, or would have been.';
COMMENT ON COLUMN requests.status IS 'The HTTP status; NULL if there was no response.';
COMMENT ON COLUMN requests.waited IS 'Seconds waited for the host''s turn before sending.';
COMMENT ON COLUMN requests.elapsed IS 'Seconds from sending to the last byte.';
COMMENT ON COLUMN requests.size IS 'Bytes received.';
COMMENT ON COLUMN requests.is_allowed IS 'False if robots.txt forbids the address: then nothing was sent.';
COMMENT ON COLUMN requests.attempt IS 'Which attempt at this address it was, from 1.';
COMMENT ON COLUMN requests.error IS 'What went wrong below HTTP; NULL if nothing did.';
COMMENT ON COLUMN requests.capture_id IS 'The capture that it brought; NULL if it brought none.';
