-- One row for each schema file that this warehouse has gone through.
CREATE TABLE schema_migrations (
    version         INTEGER PRIMARY KEY,
    name            VARCHAR NOT NULL,
    applied_at      TIMESTAMPTZ NOT NULL,
    newsetl_version VARCHAR NOT NULL
);
COMMENT ON TABLE schema_migrations IS 'One row for each schema file that this warehouse has gone through.';
COMMENT ON COLUMN schema_migrations.version IS 'The number that the schema file''s name begins with.';
COMMENT ON COLUMN schema_migrations.name IS 'The schema file''s name without number and ending.';
COMMENT ON COLUMN schema_migrations.applied_at IS 'When the file was run here.';
COMMENT ON COLUMN schema_migrations.newsetl_version IS 'The newsetl that ran it.';
