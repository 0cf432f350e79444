-- One row a response, never changed but for article_id; the body is in the archive.
CREATE TABLE captures (
    capture_id    UUID NOT NULL,
    run_id        UUID NOT NULL,
    source        VARCHAR NOT NULL,
    kind          VARCHAR NOT NULL,
    requested_url VARCHAR NOT NULL,
    url           VARCHAR NOT NULL,
    fetched_at    TIMESTAMPTZ NOT NULL,
    status        INTEGER NOT NULL,
    content_type  VARCHAR,
    charset       VARCHAR,
    etag          VARCHAR,
    last_modified VARCHAR,
    bytes         BIGINT NOT NULL,
    sha256        VARCHAR NOT NULL,
    file          VARCHAR,
    "offset"      BIGINT,
    length        BIGINT,
    article_id    UUID
);
COMMENT ON TABLE captures IS 'One row a response, never changed but for article_id; the body is in the archive.';
COMMENT ON COLUMN captures.capture_id IS 'The response''s identity, also in its archive record.';
COMMENT ON COLUMN captures.run_id IS 'The run that first loaded it.';
COMMENT ON COLUMN captures.source IS 'The source''s slug.';
COMMENT ON COLUMN captures.kind IS 'What was asked for: article, index, listing, sitemap, search, robots.';
COMMENT ON COLUMN captures.requested_url IS 'The address asked for.';
COMMENT ON COLUMN captures.url IS 'The address that answered, after redirects.';
COMMENT ON COLUMN captures.fetched_at IS 'When the response was complete.';
COMMENT ON COLUMN captures.status IS 'The HTTP status.';
COMMENT ON COLUMN captures.content_type IS 'The Content-Type header as sent.';
COMMENT ON COLUMN captures.charset IS 'The charset that the Content-Type header names.';
COMMENT ON COLUMN captures.etag IS 'The ETag header as sent.';
COMMENT ON COLUMN captures.last_modified IS 'The Last-Modified header as sent.';
COMMENT ON COLUMN captures.bytes IS 'Bytes of the decoded body.';
COMMENT ON COLUMN captures.sha256 IS 'SHA-256 (hex) of the decoded body.';
COMMENT ON COLUMN captures.file IS 'The archive file that holds it, relative to the archive folder.';
COMMENT ON COLUMN captures."offset" IS 'Where its record begins in that file, in bytes. A reserved word: quote it.';
COMMENT ON COLUMN captures.length IS 'Bytes of its record in that file.';
COMMENT ON COLUMN captures.article_id IS 'The article that was read from it; NULL if none was.';
