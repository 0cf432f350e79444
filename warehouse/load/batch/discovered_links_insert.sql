-- One row per URL and method that is new.
INSERT INTO discovered_links BY NAME
SELECT * FROM incoming_discovered_links
-- SEMI JOIN by URL first, so that the other columns are read for few rows only.
ANTI JOIN (FROM discovered_links SEMI JOIN incoming_discovered_links USING (url)) AS stored USING (source, url, method)
