-- One row an attempt at a request that is not yet here.
INSERT INTO requests BY NAME
SELECT * FROM incoming_requests
-- By the time first: of that alone DuckDB knows where not to look.
ANTI JOIN (FROM requests SEMI JOIN incoming_requests USING (requested_at)) AS held
    USING (source, url, kind, requested_at, attempt)
