-- One row a run and host: how fast it was requested, and whether ever sooner than min_delay allows.
CREATE OR REPLACE VIEW request_pacing AS
FROM request_pacing_since(TIMESTAMPTZ '-infinity');
COMMENT ON VIEW request_pacing IS 'One row a run and host: how fast it was requested, and whether ever sooner than min_delay allows.';
COMMENT ON COLUMN request_pacing.run_id IS 'The run.';
COMMENT ON COLUMN request_pacing.requests IS 'Requests sent to the host.';
COMMENT ON COLUMN request_pacing.min_delay IS 'Minimum delay between two requests in seconds, as of the last request; NULL for runs of an older newsetl.';
COMMENT ON COLUMN request_pacing.crawl_delay IS 'Seconds that robots.txt asks for, before any cap; NULL if none.';
COMMENT ON COLUMN request_pacing.longest_retry_after IS 'Longest Retry-After of a response, in seconds; NULL without any.';
COMMENT ON COLUMN request_pacing.throttled_responses IS 'Responses 429 or 503.';
COMMENT ON COLUMN request_pacing.shortest_gap IS 'Least seconds between the end of a response and the next request, whichever run sent that response; NULL if there was one request only.';
COMMENT ON COLUMN request_pacing.early_requests IS 'Requests sent sooner than min_delay or the response''s Retry-After allows: 0, or newsetl has a bug.';
COMMENT ON COLUMN request_pacing.longest_wait IS 'Longest wait before a request, in seconds.';
COMMENT ON COLUMN request_pacing.longest_wait_reason IS 'What that wait was for: min-delay, crawl-delay, retry-after, backoff or host-busy.';
COMMENT ON COLUMN request_pacing.first_at IS 'When the run asked the host first.';
