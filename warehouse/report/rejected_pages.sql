-- One row per open reject, the newest hundred.
SELECT open_rejects.source, url, reason, message, rejected_at, retry_at
FROM open_rejects
LEFT JOIN sources ON slug = open_rejects.source
WHERE
    ($source IS NULL OR open_rejects.source = $source)
    AND ($since IS NULL OR timezone(coalesce(timezone, 'UTC'), rejected_at)::DATE >= $since)
    AND ($until IS NULL OR timezone(coalesce(timezone, 'UTC'), rejected_at)::DATE <= $until)
ORDER BY rejected_at DESC, url
LIMIT 100
