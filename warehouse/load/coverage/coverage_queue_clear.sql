-- One row a day or an address of the source whose part of the ledger has been made.
DELETE FROM internal.coverage_queue WHERE source = $source
