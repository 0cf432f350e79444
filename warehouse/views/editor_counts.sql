-- One row a source and editor as printed.
CREATE OR REPLACE VIEW editor_counts AS
SELECT
    articles.source, credits.name AS editor,
    count(DISTINCT article_id) AS articles,
    min(articles.published_on) AS first_on,
    max(articles.published_on) AS last_on
FROM credits
JOIN articles USING (article_id)
WHERE credits.role = 'editor'
GROUP BY articles.source, credits.name
ORDER BY articles.source, articles DESC, editor;
COMMENT ON VIEW editor_counts IS 'One row a source and editor as printed.';
COMMENT ON COLUMN editor_counts.editor IS 'The name as printed.';
COMMENT ON COLUMN editor_counts.articles IS 'Articles with that editor.';
COMMENT ON COLUMN editor_counts.first_on IS 'The day of the oldest of them.';
COMMENT ON COLUMN editor_counts.last_on IS 'The day of the newest of them.';
