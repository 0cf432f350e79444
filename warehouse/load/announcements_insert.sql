-- One row an address and way that was not announced so before.
INSERT INTO announcements BY NAME
SELECT * FROM incoming_announcements
-- By the address first: whose it is and how it came is then read of next to none.
ANTI JOIN (FROM announcements SEMI JOIN incoming_announcements USING (url)) AS held USING (source, url, way)
