-- One row per article: which fields it has (1 or 0), and how long its texts are.
CREATE OR REPLACE VIEW article_fields AS
FROM article_fields_between(DATE '-infinity', DATE 'infinity');
COMMENT ON VIEW article_fields IS 'One row per article: which fields it has (1 or 0), and how long its texts are.';
COMMENT ON COLUMN article_fields.article_id IS 'The article''s id, derived from its source and the URL at which it was first seen.';
COMMENT ON COLUMN article_fields.url IS 'The canonical URL; article_urls has all URLs. NULL for a saved file without a URL.';
COMMENT ON COLUMN article_fields.capture_id IS 'The capture that this state was parsed from.';
COMMENT ON COLUMN article_fields.section IS '1 if it has a section, else 0.';
COMMENT ON COLUMN article_fields.agency IS '1 if it has an agency, else 0.';
COMMENT ON COLUMN article_fields.authors IS '1 if it has authors, else 0.';
COMMENT ON COLUMN article_fields.editors IS '1 if it has editors, else 0.';
COMMENT ON COLUMN article_fields.images IS '1 if it has images, else 0.';
COMMENT ON COLUMN article_fields.published_precision IS '1 if the publication time is known to the second, else 0.';
COMMENT ON COLUMN article_fields.title IS 'Length of the title in letters.';
COMMENT ON COLUMN article_fields.lead IS 'Length of the lead in letters.';
COMMENT ON COLUMN article_fields.text IS 'Length of the text in words.';
