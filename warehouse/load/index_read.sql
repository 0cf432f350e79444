-- One row an article that is indexed now, with the words of its title and of its text.
CREATE OR REPLACE TEMP TABLE fresh_words AS
SELECT document, article_id, folded_words(title) AS title, folded_words(text) AS text
FROM fresh
JOIN articles USING (article_id)
