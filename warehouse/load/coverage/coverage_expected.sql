-- One row a section and day of the source whose usual number of articles is another one now.
UPDATE coverage
SET expected = usual.expected
FROM (
    WITH held AS (
        SELECT section, published_on, loaded, expected, checked_by FROM coverage WHERE source = $source
    ),
    -- The silence of an archive says nothing.
    asked AS (
        SELECT DISTINCT published_on
        FROM held
        WHERE len(list_filter(checked_by, lambda method: method NOT IN ('wayback', 'commoncrawl'))) > 0
    ),
    -- The same weekday of twelve weeks before and after.
    weeks AS (
        SELECT unnest(range(-84, 85, 7))::INTEGER AS away
    ),
    near AS (
        SELECT DISTINCT published_on + away AS published_on FROM touched_days CROSS JOIN weeks
    ),
    history AS (
        SELECT mine.section, mine.published_on, sum(coalesce(loads.loaded, 0)) / count(*) AS expected
        FROM held AS mine
        SEMI JOIN near USING (published_on)
        CROSS JOIN weeks
        JOIN asked AS other ON other.published_on = mine.published_on + weeks.away AND weeks.away <> 0
        LEFT JOIN held AS loads
            ON loads.published_on = other.published_on AND loads.section IS NOT DISTINCT FROM mine.section
        GROUP BY mine.section, mine.published_on
    )
    SELECT mine.section, mine.published_on, history.expected
    FROM held AS mine
    SEMI JOIN near USING (published_on)
    LEFT JOIN history
        ON history.published_on = mine.published_on AND history.section IS NOT DISTINCT FROM mine.section
    WHERE mine.expected IS DISTINCT FROM history.expected
) AS usual
WHERE
    coverage.source = $source AND coverage.published_on = usual.published_on
    AND coverage.section IS NOT DISTINCT FROM usual.section
