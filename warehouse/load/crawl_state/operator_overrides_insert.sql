-- One row per operator override.
INSERT INTO operator_overrides (source, kind, start_on, url, made_at) VALUES ($source, $kind, $start_on, $url, $made_at)
