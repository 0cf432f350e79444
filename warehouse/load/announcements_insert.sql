-- One row an address and way that was not announced so before.
INSERT INTO announcements BY NAME
SELECT * FROM incoming_announcements ANTI JOIN announcements USING (source, url, way)
