-- One row a response that is not yet here.
INSERT INTO captures BY NAME
SELECT * FROM incoming_captures ANTI JOIN (SELECT capture_id FROM captures WHERE $is_known) AS held USING (capture_id)
