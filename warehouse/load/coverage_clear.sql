-- One row a section and day of the source, to be made anew.
DELETE FROM coverage WHERE source = $source
