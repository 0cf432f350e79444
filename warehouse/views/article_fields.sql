-- One row an article: 1 or 0 for each field that it has or lacks, and how long the others are.
CREATE OR REPLACE VIEW article_fields AS
FROM article_fields_between(DATE '-infinity', DATE 'infinity');
COMMENT ON VIEW article_fields IS 'One row an article: 1 or 0 for each field that it has or lacks, and how long the others are.';
COMMENT ON COLUMN article_fields.article_id IS 'The article''s identity, made from its source and the first address it was seen at.';
COMMENT ON COLUMN article_fields.url IS 'The canonical address; the others are in article_urls. NULL for a saved file without one.';
COMMENT ON COLUMN article_fields.capture_id IS 'The capture that this state was read from.';
COMMENT ON COLUMN article_fields.section IS '1 if it has a section, else 0.';
COMMENT ON COLUMN article_fields.agency IS '1 if it has an agency, else 0.';
COMMENT ON COLUMN article_fields.authors IS '1 if it has authors, else 0.';
COMMENT ON COLUMN article_fields.editors IS '1 if it has editors, else 0.';
COMMENT ON COLUMN article_fields.images IS '1 if it has pictures, else 0.';
COMMENT ON COLUMN article_fields.published_precision IS '1 if its time is known to the second, else 0.';
COMMENT ON COLUMN article_fields.title IS 'Letters of the title.';
COMMENT ON COLUMN article_fields.lead IS 'Letters of the lead.';
COMMENT ON COLUMN article_fields.text IS 'Words of the text.';
