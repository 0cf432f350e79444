-- One row per day or URL that the batch touches.
INSERT INTO internal.coverage_queue
(
    SELECT DISTINCT source, published_on, NULL FROM incoming_articles
    UNION
    SELECT source, unnest(generate_series(since, until, INTERVAL 1 DAY))::DATE, NULL FROM incoming_discovery_queries
    UNION
    SELECT source, NULL, url FROM incoming_discovered_links
    UNION
    SELECT source, NULL, url FROM incoming_urls
    UNION
    SELECT source, NULL, url FROM incoming_rejects WHERE url IS NOT NULL
)
EXCEPT
FROM internal.coverage_queue
