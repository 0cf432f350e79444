-- One row per discovered link: the table discovered_links under its names of before 0.1.0, until 1.0.
CREATE OR REPLACE VIEW announcements AS
SELECT
    source,
    url,
    method AS way,
    section,
    title,
    published_on AS announced_on,
    discovered_from AS found_on,
    first_seen_at
FROM discovered_links;
COMMENT ON VIEW announcements IS 'The table discovered_links under its old name. Use discovered_links: this view goes with 1.0.';
COMMENT ON COLUMN announcements.way IS 'The discovery method; in discovered_links it is method.';
COMMENT ON COLUMN announcements.announced_on IS 'The article''s day; in discovered_links it is published_on.';
COMMENT ON COLUMN announcements.found_on IS 'The page, feed or sitemap with the link; in discovered_links it is discovered_from.';
