-- One row per source whose file has changed.
UPDATE sources
SET
    name = $name, home = $home, hosts = $hosts, timezone = $timezone, language = $language,
    first_day = $first_day, url_forms = $url_forms, sections = $sections
WHERE
    slug = $slug
    AND (name, home, hosts, timezone, language, first_day, url_forms, sections) IS DISTINCT FROM (
        $name, $home, $hosts::VARCHAR[], $timezone, $language, $first_day::DATE, $url_forms::VARCHAR[],
        $sections::VARCHAR[]
    )
