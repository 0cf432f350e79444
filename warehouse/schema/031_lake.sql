-- One row a run: from now on also which data folder ran it.
-- From here on schema files run on DuckLake too: no keys, checks and sequences, and literals alone as defaults.
ALTER TABLE runs ADD COLUMN folder_id UUID;
COMMENT ON COLUMN runs.folder_id IS 'The data folder whose newsetl ran it, by the id in its file folder-id; NULL in a DuckDB file, which has the runs of one folder alone.';
-- Documents are numbered after the highest number instead.
DROP SEQUENCE search_document_numbers;
