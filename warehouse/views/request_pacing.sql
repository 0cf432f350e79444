-- One row per run and host: how fast it was requested, and whether any request was earlier than min_delay allows.
CREATE OR REPLACE VIEW request_pacing AS
FROM request_pacing_since(TIMESTAMPTZ '-infinity');
COMMENT ON VIEW request_pacing IS 'One row per run and host: how fast it was requested, and whether any request was earlier than min_delay allows.';
COMMENT ON COLUMN request_pacing.run_id IS 'The run.';
COMMENT ON COLUMN request_pacing.requests IS 'Requests sent to the host.';
COMMENT ON COLUMN request_pacing.min_delay IS 'Minimum delay between two requests in seconds, as of the last request; NULL for runs of an older newsetl.';
COMMENT ON COLUMN request_pacing.crawl_delay IS 'Crawl-delay of robots.txt in seconds, before any cap; NULL if there is none.';
COMMENT ON COLUMN request_pacing.longest_retry_after IS 'Longest Retry-After of a response in seconds; NULL if there is none.';
COMMENT ON COLUMN request_pacing.throttled_responses IS 'Responses with status 429 or 503.';
COMMENT ON COLUMN request_pacing.shortest_gap IS 'Shortest time in seconds between the end of a response, of any run, and the next request; NULL if there was only one request.';
COMMENT ON COLUMN request_pacing.early_requests IS 'Requests sent earlier than min_delay or the response''s Retry-After allows. Any number but 0 is a bug of newsetl.';
COMMENT ON COLUMN request_pacing.longest_wait IS 'Longest wait before a request in seconds.';
COMMENT ON COLUMN request_pacing.longest_wait_reason IS 'The reason of that wait: min-delay, crawl-delay, retry-after, backoff or host-busy.';
COMMENT ON COLUMN request_pacing.first_at IS 'When the run first requested the host.';
