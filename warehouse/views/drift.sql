-- One row per source, week of publication with at least ten articles, and field: its value against the weeks before.
CREATE OR REPLACE VIEW drift AS
FROM drift_between(DATE '-infinity', DATE 'infinity');
COMMENT ON VIEW drift IS 'One row per source, week of publication with at least ten articles, and field: its value against the weeks before.';
COMMENT ON COLUMN drift.week_on IS 'The Monday of the week.';
COMMENT ON COLUMN drift.field IS 'The column of articles; published_precision stands for times known to the second.';
COMMENT ON COLUMN drift.unit IS 'The unit of value: share (of articles that have the field), or letters or words (median length).';
COMMENT ON COLUMN drift.articles IS 'Articles of the week.';
COMMENT ON COLUMN drift.value IS 'The week''s share or median length.';
COMMENT ON COLUMN drift.weeks IS 'Number of earlier weeks in the baseline: the last twelve with at least ten articles.';
COMMENT ON COLUMN drift.baseline IS 'Median of the values of these weeks; NULL without such weeks.';
COMMENT ON COLUMN drift.deviation IS 'Value minus baseline.';
COMMENT ON COLUMN drift.allowed IS 'Allowed distance below the baseline: three standard deviations of the earlier weeks, at least 0.2 for a share and 40% of the baseline for a length; for shares also three standard errors of the week''s sample.';
COMMENT ON COLUMN drift.is_regression IS 'True if value is farther below the baseline than allowed, and at least four weeks are in the baseline.';
