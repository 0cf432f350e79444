-- One row a name as printed, of the source: to be made anew.
DELETE FROM name_matches WHERE source = $source
