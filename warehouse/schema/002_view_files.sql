-- One row for each view that newsetl made here.
CREATE TABLE view_files (
    name   VARCHAR PRIMARY KEY,
    sha256 VARCHAR NOT NULL
);
COMMENT ON TABLE view_files IS 'One row for each view that newsetl made here: a view whose file has changed is made again.';
COMMENT ON COLUMN view_files.name IS 'The view''s name, which is the file''s.';
COMMENT ON COLUMN view_files.sha256 IS 'SHA-256 (hex) of the file that the view was made from.';
