-- One row per URL of a web archive's copy that was loaded for the source.
SELECT DISTINCT via_url FROM captures WHERE source = $source AND via_url IS NOT NULL
