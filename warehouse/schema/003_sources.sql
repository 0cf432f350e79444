-- One row a source: a news channel as its TOML file declares it.
CREATE TABLE sources (
    slug      VARCHAR PRIMARY KEY,
    name      VARCHAR NOT NULL,
    home      VARCHAR NOT NULL,
    hosts     VARCHAR[] NOT NULL,
    timezone  VARCHAR NOT NULL,
    language  VARCHAR NOT NULL,
    first_day DATE NOT NULL,
    url_forms VARCHAR[] NOT NULL
);
COMMENT ON TABLE sources IS 'One row a source: a news channel as its TOML file declares it.';
COMMENT ON COLUMN sources.slug IS 'The short name; the column `source` of the other tables holds it.';
COMMENT ON COLUMN sources.name IS 'The channel''s name as readers know it.';
COMMENT ON COLUMN sources.home IS 'The address of its index page.';
COMMENT ON COLUMN sources.hosts IS 'The hosts that serve it, the canonical one first.';
COMMENT ON COLUMN sources.timezone IS 'The IANA zone of the times that it prints.';
COMMENT ON COLUMN sources.language IS 'Its language (ISO 639-1).';
COMMENT ON COLUMN sources.first_day IS 'The day before which nothing can have been published.';
COMMENT ON COLUMN sources.url_forms IS 'The names of its address forms, the preferred first.';
