-- One row an address of an article; an address belongs to one article of its source.
CREATE TABLE article_urls (
    source        VARCHAR NOT NULL,
    url           VARCHAR NOT NULL,
    article_id    UUID NOT NULL,
    url_form      VARCHAR,
    is_canonical  BOOLEAN NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE article_urls IS 'One row an address of an article; an address belongs to one article of its source.';
COMMENT ON COLUMN article_urls.source IS 'The source''s slug.';
COMMENT ON COLUMN article_urls.url IS 'The address, normalised.';
COMMENT ON COLUMN article_urls.article_id IS 'The article that stands there.';
COMMENT ON COLUMN article_urls.url_form IS 'Which of the source''s address forms it fits; NULL if none.';
COMMENT ON COLUMN article_urls.is_canonical IS 'True for the one address that articles.url holds.';
COMMENT ON COLUMN article_urls.first_seen_at IS 'When the oldest capture was fetched that names this address.';
