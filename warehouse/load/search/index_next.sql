-- One row with the number that the next segment gets.
-- Of the postings only what may have a higher number is read, which is next to nothing.
SELECT greatest(
    (SELECT max(segment) FROM internal.search_documents),
    (
        SELECT max(segment) FROM internal.search_postings
        WHERE segment > (SELECT coalesce(max(segment), 0) FROM internal.search_documents)
    ),
    0
) + 1
