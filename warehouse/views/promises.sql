-- One row a source and host: how politely it was asked.
CREATE OR REPLACE VIEW promises AS
WITH gaps AS (
    SELECT
        source, host, status,
        (epoch_us(requested_at)
            - lag(epoch_us(requested_at)) OVER (PARTITION BY source, host ORDER BY requested_at)) / 1e6 AS gap
    FROM requests
    WHERE is_allowed
)
SELECT
    source, host,
    count(*) AS requests,
    min(gap) AS least_gap,
    median(gap) AS median_gap,
    count(*) FILTER (status = 429 OR status = 503) AS told_to_wait
FROM gaps
GROUP BY source, host
ORDER BY source, host;
COMMENT ON VIEW promises IS 'One row a source and host: how politely it was asked.';
COMMENT ON COLUMN promises.requests IS 'Requests sent to the host.';
COMMENT ON COLUMN promises.least_gap IS 'Least seconds between the starts of two requests in a row; NULL if there was one only.';
COMMENT ON COLUMN promises.median_gap IS 'Median of those seconds.';
COMMENT ON COLUMN promises.told_to_wait IS 'Responses 429 or 503.';
