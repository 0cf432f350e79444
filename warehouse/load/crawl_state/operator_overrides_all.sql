-- One row per operator override, the oldest first.
SELECT source, start_on, url, made_at FROM operator_overrides ORDER BY made_at, source, url
