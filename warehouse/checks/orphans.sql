-- One row per table and article_id in it that articles does not have.
-- error: run newsetl rebuild; if it remains, report it with these rows.
SELECT source, referring.table_name, referring.article_id, count(*) AS rows
FROM (
    SELECT source, 'article_urls' AS table_name, article_id FROM article_urls
    UNION ALL
    SELECT source, 'captures', article_id FROM captures WHERE article_id IS NOT NULL
    UNION ALL
    SELECT NULL, 'article_revisions', article_id FROM article_revisions
    UNION ALL
    SELECT NULL, 'internal.minhash_bands', article_id FROM internal.minhash_bands
    UNION ALL
    SELECT NULL, 'story_pairs', unnest([article_id, other_id]) FROM story_pairs
    UNION ALL
    SELECT NULL, 'story_clusters', article_id FROM story_clusters
    UNION ALL
    SELECT NULL, 'credits', article_id FROM credits
    UNION ALL
    SELECT NULL, 'images', article_id FROM images
    UNION ALL
    SELECT NULL, 'teasers', article_id FROM teasers
) AS referring
ANTI JOIN articles USING (article_id)
GROUP BY ALL
ORDER BY ALL
