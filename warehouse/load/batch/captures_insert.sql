-- One row a response that is not yet here.
INSERT INTO captures BY NAME
SELECT * FROM incoming_captures ANTI JOIN captures USING (capture_id)
