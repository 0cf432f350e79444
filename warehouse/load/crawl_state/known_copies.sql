-- One row an address from which an archive's copy of a page of the source was had.
SELECT DISTINCT via_url FROM captures WHERE source = $source AND via_url IS NOT NULL
