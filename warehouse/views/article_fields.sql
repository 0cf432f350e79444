-- One row an article: 1 or 0 for each field that it has or lacks, and how long the others are.
CREATE OR REPLACE VIEW article_fields AS
SELECT
    source, article_id, url, capture_id, published_at, published_on,
    (section IS NOT NULL)::DOUBLE AS section,
    (agency IS NOT NULL)::DOUBLE AS agency,
    (len(authors) > 0)::DOUBLE AS authors,
    (len(editors) > 0)::DOUBLE AS editors,
    (article_id IN (SELECT article_id FROM images))::DOUBLE AS images,
    (published_precision = 'second')::DOUBLE AS published_precision,
    length(title)::DOUBLE AS title,
    length(lead)::DOUBLE AS lead,
    words::DOUBLE AS text
FROM articles;
COMMENT ON VIEW article_fields IS 'One row an article: 1 or 0 for each field that it has or lacks, and how long the others are.';
COMMENT ON COLUMN article_fields.section IS '1 if it has a section, else 0.';
COMMENT ON COLUMN article_fields.agency IS '1 if it has an agency, else 0.';
COMMENT ON COLUMN article_fields.authors IS '1 if it has authors, else 0.';
COMMENT ON COLUMN article_fields.editors IS '1 if it has editors, else 0.';
COMMENT ON COLUMN article_fields.images IS '1 if it has pictures, else 0.';
COMMENT ON COLUMN article_fields.published_precision IS '1 if its time is known to the second, else 0.';
COMMENT ON COLUMN article_fields.title IS 'Letters of the title.';
COMMENT ON COLUMN article_fields.lead IS 'Letters of the lead.';
COMMENT ON COLUMN article_fields.text IS 'Words of the text.';
