-- One row a response: from now on also whether it came from the site itself or from who had kept it.
ALTER TABLE captures ADD COLUMN via VARCHAR DEFAULT 'web';
ALTER TABLE captures ADD COLUMN via_url VARCHAR;
ALTER TABLE captures ADD COLUMN obtained_at TIMESTAMPTZ;
COMMENT ON COLUMN captures.fetched_at IS 'When the site was asked for it: by us, or by who had kept it (see via).';
COMMENT ON COLUMN captures.via IS 'Where it was had from: web (the site itself), wayback, commoncrawl, warc or file.';
COMMENT ON COLUMN captures.via_url IS 'The address or path that it was had from; NULL for the site itself.';
COMMENT ON COLUMN captures.obtained_at IS 'When it was had from there; NULL for the site itself.';
COMMENT ON COLUMN articles.lead IS 'The first paragraph of at least 60 characters; the first of all if there is none.';
