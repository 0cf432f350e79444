-- One row an intervention, the oldest first.
SELECT source, rewind_on, url, made_at FROM interventions ORDER BY made_at, source, url
