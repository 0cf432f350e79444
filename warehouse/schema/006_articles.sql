-- One row an article, in the state of its newest capture.
CREATE TABLE articles (
    article_id          UUID NOT NULL,
    source              VARCHAR NOT NULL,
    url                 VARCHAR,
    title               VARCHAR NOT NULL,
    section             VARCHAR,
    agency              VARCHAR,
    published_at        TIMESTAMPTZ NOT NULL,
    published_on        DATE NOT NULL,
    published_raw       VARCHAR NOT NULL,
    published_precision VARCHAR NOT NULL CHECK (published_precision IN ('second', 'minute', 'day', 'month')),
    authors             VARCHAR[] NOT NULL,
    editors             VARCHAR[] NOT NULL,
    lead                VARCHAR NOT NULL,
    text                VARCHAR NOT NULL,
    words               INTEGER NOT NULL,
    language            VARCHAR NOT NULL,
    title_hash          VARCHAR NOT NULL,
    text_hash           VARCHAR NOT NULL,
    found               MAP(VARCHAR, VARCHAR) NOT NULL,
    first_seen_at       TIMESTAMPTZ NOT NULL,
    changed_at          TIMESTAMPTZ NOT NULL,
    capture_id          UUID
);
COMMENT ON TABLE articles IS 'One row an article, in the state of its newest capture.';
COMMENT ON COLUMN articles.article_id IS 'The article''s identity, made from its source and the first address it was seen at.';
COMMENT ON COLUMN articles.source IS 'The source''s slug.';
COMMENT ON COLUMN articles.url IS 'The canonical address; the others are in article_urls. NULL for a saved file without one.';
COMMENT ON COLUMN articles.title IS 'The headline.';
COMMENT ON COLUMN articles.section IS 'The channel''s section as readers see it.';
COMMENT ON COLUMN articles.agency IS 'Who is named as the source of the text, such as the paper itself or a news agency.';
COMMENT ON COLUMN articles.published_at IS 'When it was published; see published_precision.';
COMMENT ON COLUMN articles.published_on IS 'The day of published_at in the source''s timezone.';
COMMENT ON COLUMN articles.published_raw IS 'The date as it stands on the page.';
COMMENT ON COLUMN articles.published_precision IS 'second, minute, day or month: what is finer is the first moment of that span.';
COMMENT ON COLUMN articles.authors IS 'Authors in the printed order; credits has more about them.';
COMMENT ON COLUMN articles.editors IS 'Editors in the printed order.';
COMMENT ON COLUMN articles.lead IS 'The first paragraph of the text.';
COMMENT ON COLUMN articles.text IS 'The paragraphs, separated by a blank line.';
COMMENT ON COLUMN articles.words IS 'Words of the text, counted at blanks.';
COMMENT ON COLUMN articles.language IS 'The language of the text (ISO 639-1).';
COMMENT ON COLUMN articles.title_hash IS 'SHA-256 (hex) of the title''s letters and digits, casefolded.';
COMMENT ON COLUMN articles.text_hash IS 'SHA-256 (hex) of the text''s letters and digits, casefolded.';
COMMENT ON COLUMN articles.found IS 'For each field, where on the page its value was found.';
COMMENT ON COLUMN articles.first_seen_at IS 'When its oldest capture was fetched.';
COMMENT ON COLUMN articles.changed_at IS 'When the capture was fetched that brought the present title and text.';
COMMENT ON COLUMN articles.capture_id IS 'The capture that this state was read from.';
