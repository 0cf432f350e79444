-- One row an intervention.
INSERT INTO interventions (source, kind, rewind_on, url, made_at) VALUES ($source, $kind, $rewind_on, $url, $made_at)
