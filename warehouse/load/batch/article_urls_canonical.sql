-- One row per URL that became, or no longer is, the canonical URL of its article.
UPDATE article_urls
SET is_canonical = (article_urls.url = incoming.url)
FROM incoming_sightings AS incoming
WHERE
    article_urls.article_id = incoming.article_id
    AND article_urls.is_canonical <> (article_urls.url = incoming.url)
