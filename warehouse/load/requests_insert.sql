-- One row an attempt at a request that is not yet here.
INSERT INTO requests BY NAME
SELECT * FROM incoming_requests
ANTI JOIN requests USING (source, url, why, requested_at, attempt)
