-- One row a run, as before; now also how many pages that announce articles it could not read.
ALTER TABLE runs ADD COLUMN lost_listings BIGINT DEFAULT 0;
COMMENT ON COLUMN runs.lost_listings IS 'Index, listing and sitemap pages that could not be read: what only they announced is not among the found.';
