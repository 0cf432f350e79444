-- One row an asking that is not yet here.
INSERT INTO discovery_queries BY NAME
SELECT * FROM incoming_discovery_queries ANTI JOIN discovery_queries USING (run_id, method, since, until)
