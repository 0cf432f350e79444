-- One row per printed name of the source.
DELETE FROM name_matches WHERE source = $source
