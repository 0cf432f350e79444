-- One row per day or URL of the source whose coverage was recomputed.
DELETE FROM internal.coverage_queue WHERE source = $source
