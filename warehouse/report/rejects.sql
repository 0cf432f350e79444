-- One row per reason of open rejects.
SELECT reason, count(*) AS pages, min(rejected_at) AS first_at, max(rejected_at) AS last_at
FROM open_rejects
LEFT JOIN sources ON slug = open_rejects.source
WHERE
    ($source IS NULL OR open_rejects.source = $source)
    AND ($since IS NULL OR timezone(coalesce(timezone, 'UTC'), rejected_at)::DATE >= $since)
    AND ($until IS NULL OR timezone(coalesce(timezone, 'UTC'), rejected_at)::DATE <= $until)
GROUP BY reason
ORDER BY pages DESC, reason
