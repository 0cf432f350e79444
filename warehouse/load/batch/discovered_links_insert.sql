-- One row an address and method that was not discovered so before.
INSERT INTO discovered_links BY NAME
SELECT * FROM incoming_discovered_links
-- By the address first: whose it is and how it came is then read of next to none.
ANTI JOIN (FROM discovered_links SEMI JOIN incoming_discovered_links USING (url)) AS held USING (source, url, method)
