-- One row an attempt at a request, as before; now also what we owed the host, and why we waited.
ALTER TABLE requests ADD COLUMN waited_for VARCHAR;
ALTER TABLE requests ADD COLUMN pause DOUBLE;
ALTER TABLE requests ADD COLUMN crawl_delay DOUBLE;
ALTER TABLE requests ADD COLUMN retry_after DOUBLE;
COMMENT ON COLUMN requests.waited IS 'Seconds waited before sending.';
COMMENT ON COLUMN requests.waited_for IS 'What the last of those seconds were for: pause, crawl-delay, retry-after, backoff, or turn (another worker of ours was asking the host); NULL if there was no wait.';
COMMENT ON COLUMN requests.pause IS 'Seconds promised between the end of the host''s last response and this request: the source''s pause or the host''s Crawl-delay, whichever is longer.';
COMMENT ON COLUMN requests.crawl_delay IS 'Seconds that robots.txt asks for; beyond the cap they are read as the cap. NULL if it asks for none.';
COMMENT ON COLUMN requests.retry_after IS 'Seconds that the response asked to be left alone for (Retry-After); NULL if it did not ask.';
