-- One row per range of hours from publication to load, with the number of articles.
SELECT span, count(hours) AS articles
FROM (
    VALUES
        (1, 'under 1 hour', '-inf'::DOUBLE, 1), (2, '1 to 3 hours', 1, 3), (3, '3 to 6 hours', 3, 6),
        (4, '6 to 12 hours', 6, 12), (5, '12 to 24 hours', 12, 24), (6, '1 to 2 days', 24, 48),
        (7, '2 to 7 days', 48, 168), (8, 'over 7 days', 168, 'inf'::DOUBLE)
) AS spans (rank, span, from_hours, below_hours)
LEFT JOIN timed_articles ON hours >= from_hours AND hours < below_hours
GROUP BY rank, span
ORDER BY rank
