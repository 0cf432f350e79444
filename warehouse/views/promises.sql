-- One row a run and host: how politely it was asked, and whether ever sooner than promised.
CREATE OR REPLACE VIEW promises AS
WITH sent AS (
    SELECT
        run_id, source, host, requested_at, status, waited, waited_for, pause, crawl_delay, retry_after,
        -- Whoever asked before us, in this run or another: the host does not care.
        (epoch_us(requested_at) - lag(epoch_us(requested_at) + elapsed * 1e6) OVER before) / 1e6 AS gap,
        -- A request to be left alone binds the run that was told so.
        greatest(pause, lag(retry_after) OVER (PARTITION BY host, run_id ORDER BY requested_at)) AS owed
    FROM requests
    WHERE is_allowed
    WINDOW before AS (PARTITION BY host ORDER BY requested_at)
)
SELECT
    source, host, run_id,
    count(*) AS requests,
    arg_max(pause, requested_at) AS promised_pause,
    max(crawl_delay) AS crawl_delay,
    max(retry_after) AS longest_retry_after,
    count(*) FILTER (status = 429 OR status = 503) AS told_to_wait,
    min(gap) AS least_gap,
    -- The two clocks of a row, for when and for how long, agree to a few milliseconds.
    count(*) FILTER (gap < owed - 0.01) AS violations,
    max(waited) AS longest_wait,
    arg_max(waited_for, waited) FILTER (waited > 0) AS longest_wait_for,
    min(requested_at) AS first_at
FROM sent
GROUP BY source, host, run_id
ORDER BY first_at DESC, host;
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
