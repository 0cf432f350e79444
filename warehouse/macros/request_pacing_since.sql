-- One row per run and host, as in the view request_pacing, of requests since a time.
CREATE OR REPLACE MACRO request_pacing_since(since) AS TABLE
WITH sent AS (
    SELECT
        run_id, source, host, requested_at, status, waited, wait_reason, min_delay, crawl_delay, retry_after,
        -- The response before may be of another run: the delay is per host.
        (epoch_us(requested_at) - lag(epoch_us(requested_at) + elapsed * 1e6) OVER before) / 1e6 AS gap,
        -- Retry-After binds only the run that received it.
        greatest(min_delay, lag(retry_after) OVER (PARTITION BY host, run_id ORDER BY requested_at)) AS required_delay
    FROM requests
    WHERE is_allowed AND requested_at >= since
    WINDOW before AS (PARTITION BY host ORDER BY requested_at)
)
SELECT
    source, host, run_id,
    count(*) AS requests,
    arg_max(min_delay, requested_at) AS min_delay,
    max(crawl_delay) AS crawl_delay,
    max(retry_after) AS longest_retry_after,
    count(*) FILTER (status = 429 OR status = 503) AS throttled_responses,
    min(gap) AS shortest_gap,
    -- requested_at and elapsed are from two clocks, which agree to a few milliseconds.
    count(*) FILTER (gap < required_delay - 0.01) AS early_requests,
    max(waited) AS longest_wait,
    arg_max(wait_reason, waited) FILTER (waited > 0) AS longest_wait_reason,
    min(requested_at) AS first_at
FROM sent
GROUP BY source, host, run_id
ORDER BY first_at DESC, host;
COMMENT ON MACRO TABLE request_pacing_since IS 'One row per run and host, as in the view request_pacing, of requests since a time.';
