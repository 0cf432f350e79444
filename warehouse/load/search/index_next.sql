-- One row with the number of the next segment.
-- The condition on postings lets DuckDB skip almost all row groups.
SELECT greatest(
    (SELECT max(segment) FROM internal.search_documents),
    (
        SELECT max(segment) FROM internal.search_postings
        WHERE segment > (SELECT coalesce(max(segment), 0) FROM internal.search_documents)
    ),
    0
) + 1
