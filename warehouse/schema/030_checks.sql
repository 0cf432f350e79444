-- One row a check and run: what it found wrong. And from now on a run may end degraded, and a source names its sections.
CREATE TABLE check_results (
    run_id     UUID,
    source     VARCHAR NOT NULL,
    name       VARCHAR NOT NULL,
    severity   VARCHAR NOT NULL CHECK (severity IN ('defect', 'doubt')),
    checked_at TIMESTAMPTZ NOT NULL,
    wrong      BIGINT,
    samples    JSON NOT NULL,
    error      VARCHAR
);
COMMENT ON TABLE check_results IS 'One row a check and run: how many rows the check found wrong when the run had loaded.';
COMMENT ON COLUMN check_results.run_id IS 'The run that had loaded; NULL for a rebuild.';
COMMENT ON COLUMN check_results.source IS 'The source''s slug.';
COMMENT ON COLUMN check_results.name IS 'The check, as newsetl check knows it.';
COMMENT ON COLUMN check_results.severity IS 'defect: cannot be if all is well. doubt: may be right; a person should look.';
COMMENT ON COLUMN check_results.checked_at IS 'When the check was made.';
COMMENT ON COLUMN check_results.wrong IS 'Rows that it found; NULL if it could not be made.';
COMMENT ON COLUMN check_results.samples IS 'Up to five of these rows, each a JSON object.';
COMMENT ON COLUMN check_results.error IS 'Why it could not be made; NULL if it was.';

-- The state's own check knows no other state and cannot be altered. The rows are filled last: DuckDB alters
-- no table that has been updated in the same transaction.
CREATE TEMP TABLE run_states AS SELECT run_id, state FROM runs;
ALTER TABLE runs DROP COLUMN state;
ALTER TABLE runs ADD COLUMN state VARCHAR DEFAULT 'running';
COMMENT ON COLUMN runs.state IS 'running, completed, degraded (completed, but a field is missing more often than before: see the view drift) or failed; a run that was killed is running until the next start, then failed.';
UPDATE runs SET state = run_states.state FROM run_states WHERE run_states.run_id = runs.run_id;
DROP TABLE run_states;

ALTER TABLE sources ADD COLUMN sections VARCHAR[];
COMMENT ON COLUMN sources.sections IS 'The sections that its file names; NULL before it was registered anew.';
