-- One row per new capture.
INSERT INTO captures BY NAME
SELECT * FROM incoming_captures ANTI JOIN captures USING (capture_id)
