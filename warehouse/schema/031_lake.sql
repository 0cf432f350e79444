-- One row a run: from now on also which data folder ran it.
-- From here on schema files run on DuckLake too: no keys, checks and sequences, and literals alone as defaults.
ALTER TABLE runs ADD COLUMN folder_id UUID;
COMMENT ON COLUMN runs.folder_id IS 'The data folder whose newsetl ran it, as its file folder-id says; NULL before there were such files.';
-- Documents are numbered after the highest number instead.
DROP SEQUENCE search_document_numbers;
