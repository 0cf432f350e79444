-- One row a person, desk or organisation, of the source: to be made anew.
DELETE FROM people WHERE source = $source
