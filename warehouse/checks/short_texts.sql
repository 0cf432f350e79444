-- One row an article of fewer than 20 words and 200 letters.
-- warning: a picture story, or text that was not found; look at it with newsetl parse.
SELECT source, words, title, url, article_id
FROM read_articles
WHERE words < 20 AND length(text) < 200
ORDER BY source, words, article_id
