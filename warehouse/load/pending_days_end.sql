-- One row a day or an address of the source whose part of the ledger has been made.
DELETE FROM pending_days WHERE source = $source
