-- One row per source and section; the section is NULL for articles without a section.
CREATE OR REPLACE VIEW section_counts AS
SELECT
    source, section,
    count(*) AS articles,
    min(published_on) AS first_on,
    max(published_on) AS last_on
FROM articles
GROUP BY source, section
ORDER BY source, articles DESC, section;
COMMENT ON VIEW section_counts IS 'One row per source and section; the section is NULL for articles without a section.';
COMMENT ON COLUMN section_counts.articles IS 'Articles in this section.';
COMMENT ON COLUMN section_counts.first_on IS 'The day of its oldest article.';
COMMENT ON COLUMN section_counts.last_on IS 'The day of its newest article.';
