-- One row per article of fewer than 20 words and 200 letters.
-- warning: an article of pictures, or text that was not found; look at the page with newsetl parse.
SELECT source, words, title, url, article_id
FROM checked_articles
WHERE words < 20 AND length(text) < 200
ORDER BY source, words, article_id
