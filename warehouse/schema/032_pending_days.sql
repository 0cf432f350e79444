-- One row a day or an address whose part of the ledger is made anew at the end of the run.
CREATE TABLE pending_days (
    source       VARCHAR NOT NULL,
    published_on DATE,
    url          VARCHAR
);
COMMENT ON TABLE pending_days IS 'One row a day, or an address and so the day of its article, of which something was loaded since the ledger was made.';
COMMENT ON COLUMN pending_days.source IS 'The source''s slug.';
COMMENT ON COLUMN pending_days.published_on IS 'The day; NULL for an address.';
COMMENT ON COLUMN pending_days.url IS 'The address; NULL for a day. With neither, every day is made anew.';
INSERT INTO pending_days SELECT slug, NULL, NULL FROM sources;
