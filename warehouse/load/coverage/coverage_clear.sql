-- One row a section and day of the source, to be made anew, or that nobody has asked for after all.
DELETE FROM coverage
WHERE
    source = $source
    AND (
        published_on IN (SELECT published_on FROM touched_days)
        OR published_on < (SELECT coalesce(min(published_on), DATE 'infinity') FROM last_looks)
        OR published_on > (SELECT coalesce(max(published_on), DATE '-infinity') FROM last_looks)
    )
