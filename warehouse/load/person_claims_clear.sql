-- One row a name as printed, of the source: to be made anew.
DELETE FROM person_claims WHERE source = $source
