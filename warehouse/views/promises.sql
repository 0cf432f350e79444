-- One row a run and host: how politely it was asked, and whether ever sooner than promised.
CREATE OR REPLACE VIEW promises AS
FROM promises_since(TIMESTAMPTZ '-infinity');
COMMENT ON VIEW promises IS 'One row a run and host: how politely it was asked, and whether ever sooner than promised.';
COMMENT ON COLUMN promises.run_id IS 'The run that asked.';
COMMENT ON COLUMN promises.requests IS 'Requests sent to the host.';
COMMENT ON COLUMN promises.promised_pause IS 'Seconds promised between two requests, as of the last one; NULL for runs of an older newsetl.';
COMMENT ON COLUMN promises.crawl_delay IS 'Seconds that robots.txt asks for, before any cap; NULL if none.';
COMMENT ON COLUMN promises.longest_retry_after IS 'Longest time, in seconds, that a response asked to be left alone for; NULL if none did.';
COMMENT ON COLUMN promises.told_to_wait IS 'Responses 429 or 503.';
COMMENT ON COLUMN promises.least_gap IS 'Least seconds between the end of a response and the next request, whichever run sent that response; NULL if there was one request only.';
COMMENT ON COLUMN promises.violations IS 'Requests sent sooner than the promised pause or the response''s Retry-After allows: 0, or it is a defect of ours.';
COMMENT ON COLUMN promises.longest_wait IS 'Longest wait before a request, in seconds.';
COMMENT ON COLUMN promises.longest_wait_for IS 'What that wait was for: pause, crawl-delay, retry-after, backoff or turn.';
COMMENT ON COLUMN promises.first_at IS 'When the run asked the host first.';
