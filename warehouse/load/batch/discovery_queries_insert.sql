-- One row per new discovery query.
INSERT INTO discovery_queries BY NAME
SELECT * FROM incoming_discovery_queries ANTI JOIN discovery_queries USING (run_id, method, since, until)
