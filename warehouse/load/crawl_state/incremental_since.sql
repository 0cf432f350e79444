-- One row with the day (in the source's timezone) of the last complete daily run, or the start day of a later reset.
SELECT min(start_on)
FROM (
    SELECT max((timezone(sources.timezone, started_at))::DATE) AS start_on
    FROM runs JOIN sources ON sources.slug = runs.source
    WHERE source = $source AND is_incremental AND state IN ('completed', 'degraded') AND failed_listings = 0
    UNION ALL
    SELECT start_on
    FROM operator_overrides
    WHERE
        source = $source AND kind = 'reset' AND made_at > coalesce((
            SELECT max(started_at) FROM runs
            WHERE source = $source AND is_incremental AND state IN ('completed', 'degraded') AND failed_listings = 0
        ), TIMESTAMPTZ '1970-01-01')
)
