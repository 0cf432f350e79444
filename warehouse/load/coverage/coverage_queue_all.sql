-- One row a source whose days begin at another hour now: every day is made anew.
INSERT INTO internal.coverage_queue
SELECT slug, NULL, NULL FROM sources WHERE slug = $slug AND timezone <> $timezone
