-- One row a source, section and day: from now on also which ways were asked for it, and which of them failed.
ALTER TABLE coverage ADD COLUMN asked_by VARCHAR[];
ALTER TABLE coverage ADD COLUMN failed_by MAP(VARCHAR, VARCHAR);
ALTER TABLE coverage ADD COLUMN reasons VARCHAR[];
ALTER TABLE coverage DROP COLUMN why;
COMMENT ON COLUMN coverage.asked_by IS 'The ways that were asked for the day after it was over and read to their end.';
COMMENT ON COLUMN coverage.failed_by IS 'The ways that failed the last time, with what went wrong.';
COMMENT ON COLUMN coverage.reasons IS 'Why what is missing was refused.';
COMMENT ON COLUMN coverage.state IS 'complete: all that is announced is had. partial: some is missing, a way failed, or only archives were asked. failed: nothing could be had. quiet: nothing is announced. never asked: nobody asked the channel for the day after it was over, and no archive has anything of it.';
COMMENT ON COLUMN coverage.looked_at IS 'When the day was asked for last; NULL if never after it was over.';
