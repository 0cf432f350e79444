-- One row an announcement, an asking, a day of a section, an intervention: the ledger of what is missing.
CREATE TABLE announcements (
    source        VARCHAR NOT NULL,
    url           VARCHAR NOT NULL,
    way           VARCHAR NOT NULL,
    section       VARCHAR,
    title         VARCHAR,
    announced_on  DATE,
    found_on      VARCHAR NOT NULL,
    first_seen_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE announcements IS 'One row an address and way on which it was announced.';
COMMENT ON COLUMN announcements.source IS 'The source''s slug.';
COMMENT ON COLUMN announcements.url IS 'The article''s address, normalised.';
COMMENT ON COLUMN announcements.way IS 'listing, sitemap, feed, search, wayback, commoncrawl or file.';
COMMENT ON COLUMN announcements.section IS 'The section under which it was announced; NULL if not said.';
COMMENT ON COLUMN announcements.title IS 'The title that was announced; NULL if none was.';
COMMENT ON COLUMN announcements.announced_on IS 'The day of the article as far as the announcement tells, in the source''s timezone: of a month the last day; NULL if nothing is told.';
COMMENT ON COLUMN announcements.found_on IS 'The page that announced it first.';
COMMENT ON COLUMN announcements.first_seen_at IS 'When it was announced so for the first time.';

CREATE TABLE askings (
    run_id   UUID NOT NULL,
    source   VARCHAR NOT NULL,
    way      VARCHAR NOT NULL,
    since    DATE NOT NULL,
    until    DATE NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    found    BIGINT NOT NULL,
    error    VARCHAR,
    is_again BOOLEAN NOT NULL
);
COMMENT ON TABLE askings IS 'One row a run, way and stretch of days whose articles that way was asked for.';
COMMENT ON COLUMN askings.run_id IS 'The run that asked.';
COMMENT ON COLUMN askings.source IS 'The source''s slug.';
COMMENT ON COLUMN askings.way IS 'listing, sitemap, feed, search, wayback or commoncrawl.';
COMMENT ON COLUMN askings.since IS 'The first day that the way reaches, of those asked for.';
COMMENT ON COLUMN askings.until IS 'The last day asked for.';
COMMENT ON COLUMN askings.asked_at IS 'When the way had been asked to its end. A day is covered if it was over by then.';
COMMENT ON COLUMN askings.found IS 'Articles of these days that the way announced.';
COMMENT ON COLUMN askings.error IS 'What went wrong; NULL if the way was read to its end.';
COMMENT ON COLUMN askings.is_again IS 'True for days that somebody wanted to be looked at again.';

CREATE TABLE coverage (
    source       VARCHAR NOT NULL,
    section      VARCHAR,
    published_on DATE NOT NULL,
    announced    BIGINT NOT NULL,
    announced_by MAP(VARCHAR, BIGINT) NOT NULL,
    fetched      BIGINT NOT NULL,
    loaded       BIGINT NOT NULL,
    refused      BIGINT NOT NULL,
    missing      BIGINT NOT NULL,
    expected     DOUBLE,
    state        VARCHAR NOT NULL,
    why          VARCHAR,
    looked_at    TIMESTAMPTZ
);
COMMENT ON TABLE coverage IS 'One row a source, section and day: what was announced, had and missed. Made anew from the other tables after each run.';
COMMENT ON COLUMN coverage.source IS 'The source''s slug.';
COMMENT ON COLUMN coverage.section IS 'The section; NULL for what is known of none.';
COMMENT ON COLUMN coverage.published_on IS 'The day, in the source''s timezone.';
COMMENT ON COLUMN coverage.announced IS 'Articles of the day that were announced, on any way; one at two addresses counts once as soon as it is loaded.';
COMMENT ON COLUMN coverage.announced_by IS 'How many of them each way announced.';
COMMENT ON COLUMN coverage.fetched IS 'Articles of the day of which a page was had, read or refused.';
COMMENT ON COLUMN coverage.loaded IS 'Articles of the day in the warehouse.';
COMMENT ON COLUMN coverage.refused IS 'Announced addresses of the day that are refused at present.';
COMMENT ON COLUMN coverage.missing IS 'Announced addresses of the day that are no article and not refused for good.';
COMMENT ON COLUMN coverage.expected IS 'Mean of what is loaded of the section on the same weekday, over the covered days of twelve weeks before and after; NULL without any.';
COMMENT ON COLUMN coverage.state IS 'complete: all that is announced is had. partial: some is missing or a way failed. failed: nothing could be had. quiet: nothing is announced. never asked: no run asked for the day after it was over.';
COMMENT ON COLUMN coverage.why IS 'Why the day is partial or failed.';
COMMENT ON COLUMN coverage.looked_at IS 'When the day was asked for last; NULL if never after it was over.';

CREATE TABLE interventions (
    source  VARCHAR NOT NULL,
    kind    VARCHAR NOT NULL CHECK (kind IN ('rewind', 'forget')),
    rewind_on DATE,
    url     VARCHAR,
    made_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE interventions IS 'One row a time that a person told the daily run to go back or to forget an address.';
COMMENT ON COLUMN interventions.source IS 'The source''s slug.';
COMMENT ON COLUMN interventions.kind IS 'rewind: the next daily run begins at a day. forget: an address counts as unknown until it is had again.';
COMMENT ON COLUMN interventions.rewind_on IS 'The day to begin at.';
COMMENT ON COLUMN interventions.url IS 'The address to forget.';
COMMENT ON COLUMN interventions.made_at IS 'When.';

ALTER TABLE runs ADD COLUMN is_following BOOLEAN DEFAULT false;
COMMENT ON COLUMN runs.is_following IS 'True for a daily run: it left no day out since the one before, so the next one begins where it was.';
