-- One row a day of the source's ledger.
SELECT published_on, state FROM coverage_calendar WHERE source = $source
