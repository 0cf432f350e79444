-- One row per new request attempt.
INSERT INTO requests BY NAME
SELECT * FROM incoming_requests
-- SEMI JOIN by time first: DuckDB can skip row groups only by a range of times.
ANTI JOIN (FROM requests SEMI JOIN incoming_requests USING (requested_at)) AS stored
    USING (source, url, kind, requested_at, attempt)
