-- One row an asking that is not yet here.
INSERT INTO askings BY NAME
SELECT * FROM incoming_askings ANTI JOIN askings USING (run_id, way, since, until)
