-- One row per person, desk or organisation of the source.
DELETE FROM people WHERE source = $source
