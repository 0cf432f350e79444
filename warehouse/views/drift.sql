-- One row a source, week of publishing with at least ten articles, and field: how it fares against the weeks before.
CREATE OR REPLACE VIEW drift AS
FROM drift_between(DATE '-infinity', DATE 'infinity');
COMMENT ON VIEW drift IS 'One row a source, week of publishing with at least ten articles, and field: how it fares against the weeks before.';
COMMENT ON COLUMN drift.week_on IS 'The Monday that the week begins with.';
COMMENT ON COLUMN drift.field IS 'The column of articles; published_precision stands for times known to the second.';
COMMENT ON COLUMN drift.unit IS 'What value is: the share of articles that have the field, or the median of its letters or words.';
COMMENT ON COLUMN drift.articles IS 'Articles of the week.';
COMMENT ON COLUMN drift.value IS 'The week''s share or median length.';
COMMENT ON COLUMN drift.weeks IS 'Weeks before it that count: the last twelve with at least ten articles.';
COMMENT ON COLUMN drift.baseline IS 'Median of their values; NULL without any.';
COMMENT ON COLUMN drift.deviation IS 'Value less baseline.';
COMMENT ON COLUMN drift.allowed IS 'How far it may be below: three deviations of those weeks, at least a fifth (of a length two fifths), and what chance makes of so few articles.';
COMMENT ON COLUMN drift.is_regression IS 'True if it is farther below, and at least four weeks count.';
