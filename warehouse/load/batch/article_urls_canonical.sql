-- One row an address that has become, or ceased to be, the canonical one of its article.
UPDATE article_urls
SET is_canonical = (article_urls.url = incoming.url)
FROM incoming_sightings AS incoming
WHERE
    article_urls.article_id = incoming.article_id
    AND article_urls.is_canonical <> (article_urls.url = incoming.url)
