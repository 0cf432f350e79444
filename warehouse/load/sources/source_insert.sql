-- One row per source that is not registered yet, from its file.
INSERT INTO sources BY NAME
SELECT
    $slug AS slug, $name AS name, $home AS home, $hosts::VARCHAR[] AS hosts, $timezone AS timezone,
    $language AS language, $first_day::DATE AS first_day, $url_forms::VARCHAR[] AS url_forms,
    $sections::VARCHAR[] AS sections
WHERE NOT EXISTS (FROM sources WHERE slug = $slug)
