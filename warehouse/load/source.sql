-- One row a source: what its file declares now.
MERGE INTO sources
USING (
    SELECT
        $slug AS slug, $name AS name, $home AS home, $hosts::VARCHAR[] AS hosts, $timezone AS timezone,
        $language AS language, $first_day::DATE AS first_day, $url_forms::VARCHAR[] AS url_forms,
        $sections::VARCHAR[] AS sections
) AS declared
ON sources.slug = declared.slug
WHEN MATCHED AND sources IS DISTINCT FROM declared THEN UPDATE BY NAME
WHEN NOT MATCHED THEN INSERT BY NAME
