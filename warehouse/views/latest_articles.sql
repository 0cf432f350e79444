-- One row per article: the fifty newest of each source, newest first.
CREATE OR REPLACE VIEW latest_articles AS
SELECT source, published_on, published_at, section, title, authors, editors, words, url
FROM articles
QUALIFY row_number() OVER (PARTITION BY source ORDER BY published_at DESC, article_id) <= 50
ORDER BY published_at DESC, article_id;
COMMENT ON VIEW latest_articles IS 'One row per article: the fifty newest of each source, newest first.';
