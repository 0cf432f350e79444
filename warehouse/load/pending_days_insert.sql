-- One row a day or an address that the batch says something of.
INSERT INTO pending_days
(
    SELECT DISTINCT source, published_on, NULL FROM incoming_articles
    UNION
    SELECT source, unnest(generate_series(since, until, INTERVAL 1 DAY))::DATE, NULL FROM incoming_askings
    UNION
    SELECT source, NULL, url FROM incoming_announcements
    UNION
    SELECT source, NULL, url FROM incoming_urls
    UNION
    SELECT source, NULL, url FROM incoming_rejects WHERE url IS NOT NULL
)
EXCEPT
FROM pending_days
