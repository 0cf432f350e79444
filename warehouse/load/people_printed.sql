-- One row a name as printed in the source's credits, and kind.
SELECT DISTINCT credits.name, credits.kind
FROM credits
JOIN articles USING (article_id)
WHERE articles.source = $source
