-- One row a response or a request: from now on also those of feeds and of archives' indexes.
COMMENT ON COLUMN captures.kind IS 'What was asked for: article, index, listing, sitemap, feed, search, cdx (an archive''s index), robots.';
COMMENT ON COLUMN requests.why IS 'What for: article, index, listing, sitemap, feed, search, cdx (an archive''s index), robots.';
