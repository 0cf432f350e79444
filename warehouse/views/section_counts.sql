-- One row a source and section; articles without a section are one row with NULL.
CREATE OR REPLACE VIEW section_counts AS
SELECT
    source, section,
    count(*) AS articles,
    min(published_on) AS first_on,
    max(published_on) AS last_on
FROM articles
GROUP BY source, section
ORDER BY source, articles DESC, section;
COMMENT ON VIEW section_counts IS 'One row a source and section; articles without a section are one row with NULL.';
COMMENT ON COLUMN section_counts.articles IS 'Articles in that section.';
COMMENT ON COLUMN section_counts.first_on IS 'The day of its oldest article.';
COMMENT ON COLUMN section_counts.last_on IS 'The day of its newest article.';
