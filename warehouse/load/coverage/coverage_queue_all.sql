-- One row per source whose timezone has changed, so that every day is recomputed.
INSERT INTO internal.coverage_queue
SELECT slug, NULL, NULL FROM sources WHERE slug = $slug AND timezone <> $timezone
