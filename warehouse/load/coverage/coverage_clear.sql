-- One row per section and day of the source that is recomputed, or that lies outside all queried days.
DELETE FROM coverage
WHERE
    source = $source
    AND (
        published_on IN (SELECT published_on FROM touched_days)
        OR published_on < (SELECT coalesce(min(published_on), DATE 'infinity') FROM last_queries)
        OR published_on > (SELECT coalesce(max(published_on), DATE '-infinity') FROM last_queries)
    )
