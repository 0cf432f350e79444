-- One row per section and day of the source whose expected number of articles has changed.
UPDATE coverage
SET expected = usual.expected
FROM (
    WITH stored AS (
        SELECT section, published_on, loaded, expected, checked_by FROM coverage WHERE source = $source
    ),
    -- Web archives do not count: they may lack articles.
    checked AS (
        SELECT DISTINCT published_on
        FROM stored
        WHERE len(list_filter(checked_by, lambda method: method NOT IN ('wayback', 'commoncrawl'))) > 0
    ),
    -- The same weekday of twelve weeks before and after.
    weeks AS (
        SELECT unnest(range(-84, 85, 7))::INTEGER AS offset_days
    ),
    near AS (
        SELECT DISTINCT published_on + offset_days AS published_on FROM touched_days CROSS JOIN weeks
    ),
    history AS (
        SELECT target.section, target.published_on, sum(coalesce(loads.loaded, 0)) / count(*) AS expected
        FROM stored AS target
        SEMI JOIN near USING (published_on)
        CROSS JOIN weeks
        JOIN checked AS other ON other.published_on = target.published_on + weeks.offset_days AND weeks.offset_days <> 0
        LEFT JOIN stored AS loads
            ON loads.published_on = other.published_on AND loads.section IS NOT DISTINCT FROM target.section
        GROUP BY target.section, target.published_on
    )
    SELECT target.section, target.published_on, history.expected
    FROM stored AS target
    SEMI JOIN near USING (published_on)
    LEFT JOIN history
        ON history.published_on = target.published_on AND history.section IS NOT DISTINCT FROM target.section
    WHERE target.expected IS DISTINCT FROM history.expected
) AS usual
WHERE
    coverage.source = $source AND coverage.published_on = usual.published_on
    AND coverage.section IS NOT DISTINCT FROM usual.section
