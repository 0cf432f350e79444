-- One row a run: one source, one window, from start to end.
CREATE TABLE runs (
    run_id          UUID PRIMARY KEY,
    source          VARCHAR NOT NULL,
    kind            VARCHAR NOT NULL,
    since           DATE,
    until           DATE,
    state           VARCHAR NOT NULL CHECK (state IN ('running', 'completed', 'failed')),
    started_at      TIMESTAMPTZ NOT NULL,
    ended_at        TIMESTAMPTZ,
    seconds         DOUBLE,
    found           BIGINT NOT NULL DEFAULT 0,
    new             BIGINT NOT NULL DEFAULT 0,
    changed         BIGINT NOT NULL DEFAULT 0,
    known           BIGINT NOT NULL DEFAULT 0,
    refused         BIGINT NOT NULL DEFAULT 0,
    error           VARCHAR,
    newsetl_version VARCHAR NOT NULL
);
COMMENT ON TABLE runs IS 'One row a run: one source, one window, from start to end.';
COMMENT ON COLUMN runs.run_id IS 'The run''s identity.';
COMMENT ON COLUMN runs.source IS 'The source''s slug.';
COMMENT ON COLUMN runs.kind IS 'What kind of run it was: ingest, backfill, reparse.';
COMMENT ON COLUMN runs.since IS 'First day asked for, in the source''s timezone; NULL if open.';
COMMENT ON COLUMN runs.until IS 'Last day asked for, in the source''s timezone; NULL if open.';
COMMENT ON COLUMN runs.state IS 'running, completed or failed; a run that was killed stays running.';
COMMENT ON COLUMN runs.started_at IS 'When it began.';
COMMENT ON COLUMN runs.ended_at IS 'When it ended; NULL while it is running.';
COMMENT ON COLUMN runs.seconds IS 'Seconds from start to end; NULL while it is running.';
COMMENT ON COLUMN runs.found IS 'Links that discovery found.';
COMMENT ON COLUMN runs.new IS 'Articles that the warehouse did not have.';
COMMENT ON COLUMN runs.changed IS 'Articles whose title or text had changed.';
COMMENT ON COLUMN runs.known IS 'Articles found that needed nothing.';
COMMENT ON COLUMN runs.refused IS 'Rejects that the run''s batches brought.';
COMMENT ON COLUMN runs.error IS 'Why it failed; NULL if it did not.';
COMMENT ON COLUMN runs.newsetl_version IS 'The newsetl that ran.';
