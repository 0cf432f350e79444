-- One row per renamed table, column or value: standard names, and the schema `internal` for newsetl's own tables.
-- Every changed table is rewritten, so that earlier ALTERs of this transaction do not matter.
CREATE SCHEMA internal;

-- Tables that only newsetl uses.
CREATE TABLE internal.schema_migrations (
    version         INTEGER NOT NULL,
    name            VARCHAR NOT NULL,
    applied_at      TIMESTAMPTZ NOT NULL,
    newsetl_version VARCHAR NOT NULL
);
COMMENT ON TABLE internal.schema_migrations IS 'One row per schema file that was applied to this warehouse.';
COMMENT ON COLUMN internal.schema_migrations.version IS 'The number of the schema file.';
COMMENT ON COLUMN internal.schema_migrations.name IS 'The name of the schema file without its number.';
COMMENT ON COLUMN internal.schema_migrations.applied_at IS 'When the file was applied.';
COMMENT ON COLUMN internal.schema_migrations.newsetl_version IS 'The newsetl version that applied it.';
INSERT INTO internal.schema_migrations SELECT version, name, applied_at, newsetl_version FROM schema_migrations;
DROP TABLE schema_migrations;

CREATE TABLE internal.view_files (
    name   VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL
);
COMMENT ON TABLE internal.view_files IS 'One row per view and macro that newsetl created; if any file changes, all are created again.';
COMMENT ON COLUMN internal.view_files.name IS 'The name of the view or macro, and of its file.';
COMMENT ON COLUMN internal.view_files.sha256 IS 'SHA-256 (hex) of its file.';
INSERT INTO internal.view_files SELECT name, sha256 FROM view_files;
DROP TABLE view_files;

CREATE TABLE internal.coverage_queue (
    source       VARCHAR NOT NULL,
    published_on DATE,
    url          VARCHAR
);
COMMENT ON TABLE internal.coverage_queue IS 'One row per day or URL whose coverage is recomputed at the end of the run.';
COMMENT ON COLUMN internal.coverage_queue.source IS 'The source''s slug.';
COMMENT ON COLUMN internal.coverage_queue.published_on IS 'The day; NULL for a URL.';
COMMENT ON COLUMN internal.coverage_queue.url IS 'The URL whose article''s day is recomputed; NULL for a day. If both are NULL, every day is recomputed.';
INSERT INTO internal.coverage_queue SELECT source, published_on, url FROM pending_days;
DROP TABLE pending_days;

CREATE TABLE internal.index_queue (
    article_id UUID NOT NULL
);
COMMENT ON TABLE internal.index_queue IS 'One row per article that is new or changed since the search index and the duplicates were last updated.';
COMMENT ON COLUMN internal.index_queue.article_id IS 'The article.';
INSERT INTO internal.index_queue SELECT article_id FROM pending_articles;
DROP TABLE pending_articles;

CREATE TABLE internal.minhash_bands (
    article_id UUID NOT NULL,
    bands      UINTEGER[] NOT NULL
);
COMMENT ON TABLE internal.minhash_bands IS 'One row per article whose text is long enough to be compared: MinHash bands.';
COMMENT ON COLUMN internal.minhash_bands.article_id IS 'The article.';
COMMENT ON COLUMN internal.minhash_bands.bands IS 'Sixteen keys; two articles with the same key at the same position may be similar.';
INSERT INTO internal.minhash_bands SELECT article_id, bands FROM article_bands;
DROP TABLE article_bands;

CREATE TABLE internal.search_documents (
    document   INTEGER NOT NULL,
    article_id UUID NOT NULL,
    segment    INTEGER NOT NULL,
    words      INTEGER NOT NULL
);
COMMENT ON TABLE internal.search_documents IS 'One row per indexed article.';
COMMENT ON COLUMN internal.search_documents.document IS 'The document number in the index; a changed article gets a new number.';
COMMENT ON COLUMN internal.search_documents.article_id IS 'The article.';
COMMENT ON COLUMN internal.search_documents.segment IS 'The index segment with its words.';
COMMENT ON COLUMN internal.search_documents.words IS 'Words of title and text, as folded_words counts them.';
INSERT INTO internal.search_documents SELECT document, article_id, segment, words FROM search_documents;
DROP TABLE search_documents;

CREATE TABLE internal.search_postings (
    segment   INTEGER NOT NULL,
    word      VARCHAR NOT NULL,
    document  INTEGER NOT NULL,
    in_title  INTEGER NOT NULL,
    positions INTEGER[] NOT NULL
);
COMMENT ON TABLE internal.search_postings IS 'One row per word and document: the inverted index. Documents that are not in search_documents count as deleted.';
COMMENT ON COLUMN internal.search_postings.segment IS 'The index segment; the rows of a segment are sorted by word.';
COMMENT ON COLUMN internal.search_postings.word IS 'The word, as folded_words returns it.';
COMMENT ON COLUMN internal.search_postings.document IS 'The document.';
COMMENT ON COLUMN internal.search_postings.in_title IS 'Occurrences in the title.';
COMMENT ON COLUMN internal.search_postings.positions IS 'Positions of the word in title and text, counted as one text with one free position between them.';
INSERT INTO internal.search_postings SELECT segment, word, document, in_title, positions FROM search_postings;
DROP TABLE search_postings;

-- Discovery.
CREATE TABLE discovered_links (
    source          VARCHAR NOT NULL,
    url             VARCHAR NOT NULL,
    method          VARCHAR NOT NULL,
    section         VARCHAR,
    title           VARCHAR,
    published_on    DATE,
    discovered_from VARCHAR NOT NULL,
    first_seen_at   TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE discovered_links IS 'One row per article URL and discovery method that discovered it.';
COMMENT ON COLUMN discovered_links.source IS 'The source''s slug.';
COMMENT ON COLUMN discovered_links.url IS 'The article''s URL, normalised.';
COMMENT ON COLUMN discovered_links.method IS 'The discovery method: listing, sitemap, feed, search, wayback, commoncrawl or file.';
COMMENT ON COLUMN discovered_links.section IS 'The section of the page with the link; NULL if unknown.';
COMMENT ON COLUMN discovered_links.title IS 'The title of the link; NULL if there was none.';
COMMENT ON COLUMN discovered_links.published_on IS 'The article''s day in the source''s timezone, from the link; the last day if only the month is known; NULL if unknown.';
COMMENT ON COLUMN discovered_links.discovered_from IS 'The URL of the page that first had the link.';
COMMENT ON COLUMN discovered_links.first_seen_at IS 'When the link was first discovered by this method.';
INSERT INTO discovered_links
SELECT source, url, way, section, title, announced_on, found_on, first_seen_at FROM announcements;
DROP TABLE announcements;

CREATE TABLE discovery_queries (
    run_id     UUID NOT NULL,
    source     VARCHAR NOT NULL,
    method     VARCHAR NOT NULL,
    since      DATE NOT NULL,
    until      DATE NOT NULL,
    queried_at TIMESTAMPTZ NOT NULL,
    discovered BIGINT NOT NULL,
    error      VARCHAR,
    is_recheck BOOLEAN NOT NULL
);
COMMENT ON TABLE discovery_queries IS 'One row per run, discovery method and range of days that was queried.';
COMMENT ON COLUMN discovery_queries.run_id IS 'The run that queried.';
COMMENT ON COLUMN discovery_queries.source IS 'The source''s slug.';
COMMENT ON COLUMN discovery_queries.method IS 'The discovery method: listing, sitemap, feed, search, wayback or commoncrawl.';
COMMENT ON COLUMN discovery_queries.since IS 'The first requested day that the method covers.';
COMMENT ON COLUMN discovery_queries.until IS 'The last requested day.';
COMMENT ON COLUMN discovery_queries.queried_at IS 'When the query was complete. A day counts as checked if it had ended by then.';
COMMENT ON COLUMN discovery_queries.discovered IS 'Number of articles of these days that the method discovered.';
COMMENT ON COLUMN discovery_queries.error IS 'The error; NULL if the query was complete.';
COMMENT ON COLUMN discovery_queries.is_recheck IS 'True if complete days were queried again on request.';
INSERT INTO discovery_queries
SELECT run_id, source, way, since, until, asked_at, found, error, is_again FROM askings;
DROP TABLE askings;

CREATE TEMP TABLE old_coverage AS FROM coverage;
DROP TABLE coverage;
CREATE TABLE coverage (
    source        VARCHAR NOT NULL,
    section       VARCHAR,
    published_on  DATE NOT NULL,
    discovered    BIGINT NOT NULL,
    discovered_by MAP(VARCHAR, BIGINT) NOT NULL,
    fetched       BIGINT NOT NULL,
    loaded        BIGINT NOT NULL,
    rejected      BIGINT NOT NULL,
    missing       BIGINT NOT NULL,
    expected      DOUBLE,
    state         VARCHAR NOT NULL,
    checked_at    TIMESTAMPTZ,
    checked_by    VARCHAR[],
    failed_by     MAP(VARCHAR, VARCHAR),
    reasons       VARCHAR[]
);
COMMENT ON TABLE coverage IS 'One row per source, section and day: what was discovered, loaded and missed. Recomputed from the other tables after each run.';
COMMENT ON COLUMN coverage.source IS 'The source''s slug.';
COMMENT ON COLUMN coverage.section IS 'The section; NULL for articles without a known section.';
COMMENT ON COLUMN coverage.published_on IS 'The day, in the source''s timezone.';
COMMENT ON COLUMN coverage.discovered IS 'Articles of the day that were discovered, by any method; an article with two URLs counts once as soon as it is loaded.';
COMMENT ON COLUMN coverage.discovered_by IS 'How many of them each discovery method found.';
COMMENT ON COLUMN coverage.fetched IS 'Articles of the day of which a page was fetched, loaded or rejected.';
COMMENT ON COLUMN coverage.loaded IS 'Articles of the day in the warehouse.';
COMMENT ON COLUMN coverage.rejected IS 'Discovered URLs of the day with an open reject.';
COMMENT ON COLUMN coverage.missing IS 'Discovered URLs of the day that are no article and not rejected permanently.';
COMMENT ON COLUMN coverage.expected IS 'Mean of the section''s loaded articles on the same weekday, over the checked days of twelve weeks before and after; NULL without any.';
COMMENT ON COLUMN coverage.state IS 'complete: everything discovered is loaded. partial: some is missing, a method failed, or only web archives were queried. failed: nothing could be loaded. no articles: nothing was discovered. not checked: the source was not queried for the day after its end, and no web archive has anything of it.';
COMMENT ON COLUMN coverage.checked_at IS 'When the day was last queried; NULL if it was not queried after its end.';
COMMENT ON COLUMN coverage.checked_by IS 'The discovery methods that completed a query for the day after its end.';
COMMENT ON COLUMN coverage.failed_by IS 'The discovery methods whose last query failed, with the error.';
COMMENT ON COLUMN coverage.reasons IS 'Why the missing pages were rejected.';
INSERT INTO coverage
SELECT
    source, section, published_on, announced, announced_by, fetched, loaded, refused, missing, expected,
    CASE state WHEN 'quiet' THEN 'no articles' WHEN 'never asked' THEN 'not checked' ELSE state END,
    looked_at, asked_by, failed_by,
    list_sort(list_transform(reasons, lambda reason: CASE reason
        WHEN 'dead_page' THEN 'soft_404' WHEN 'challenge' THEN 'blocked_by_waf'
        WHEN 'no_landmarks' THEN 'unknown_layout' WHEN 'damaged' THEN 'archive_corrupt'
        WHEN 'internal' THEN 'parser_error' WHEN 'binary' THEN 'not_html'
        WHEN 'unreachable' THEN 'fetch_failed' ELSE reason
    END))
FROM old_coverage;
DROP TABLE old_coverage;

CREATE TABLE operator_overrides (
    source   VARCHAR NOT NULL,
    kind     VARCHAR NOT NULL,
    start_on DATE,
    url      VARCHAR,
    made_at  TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE operator_overrides IS 'One row per time that an operator changed where the daily run starts or what it fetches.';
COMMENT ON COLUMN operator_overrides.source IS 'The source''s slug.';
COMMENT ON COLUMN operator_overrides.kind IS 'reset: the next daily run starts at a day. refetch: a URL counts as new until it is fetched again.';
COMMENT ON COLUMN operator_overrides.start_on IS 'The day to start at; NULL for refetch.';
COMMENT ON COLUMN operator_overrides.url IS 'The URL to fetch again; NULL for reset.';
COMMENT ON COLUMN operator_overrides.made_at IS 'When the override was made.';
INSERT INTO operator_overrides
SELECT source, CASE kind WHEN 'rewind' THEN 'reset' ELSE 'refetch' END, rewind_on, url, made_at FROM interventions;
DROP TABLE interventions;

-- People.
CREATE TABLE name_matches (
    source       VARCHAR NOT NULL,
    name         VARCHAR NOT NULL,
    kind         VARCHAR NOT NULL,
    person_id    UUID NOT NULL,
    reason       VARCHAR NOT NULL,
    confidence   DOUBLE NOT NULL,
    alternatives VARCHAR[] NOT NULL
);
COMMENT ON TABLE name_matches IS 'One row per printed name and the person it was matched to. Recomputed from credits after each run.';
COMMENT ON COLUMN name_matches.source IS 'The source''s slug.';
COMMENT ON COLUMN name_matches.name IS 'The name as printed, as in credits.';
COMMENT ON COLUMN name_matches.kind IS 'The kind of the name in credits: person, desk or organisation.';
COMMENT ON COLUMN name_matches.person_id IS 'The person.';
COMMENT ON COLUMN name_matches.reason IS 'same spelling, other order (given name first), pinyin (of the name in characters), traditional characters (the same in simplified ones) or correction (in the source''s file).';
COMMENT ON COLUMN name_matches.confidence IS 'From 0 to 1; 1 for a correction and for the person''s own spelling.';
COMMENT ON COLUMN name_matches.alternatives IS 'Other names in Chinese characters with the same spelling. If none is the most likely, the printed name is a person of its own, until a correction in the source''s file decides.';
INSERT INTO name_matches SELECT source, name, kind, person_id, reason, strength, rivals FROM person_claims;
DROP TABLE person_claims;

-- Audit.
CREATE TEMP TABLE old_runs AS FROM runs;
DROP TABLE runs;
CREATE TABLE runs (
    run_id          UUID NOT NULL,
    source          VARCHAR NOT NULL,
    kind            VARCHAR NOT NULL,
    since           DATE,
    until           DATE,
    state           VARCHAR NOT NULL DEFAULT 'running',
    started_at      TIMESTAMPTZ NOT NULL,
    ended_at        TIMESTAMPTZ,
    seconds         DOUBLE,
    discovered      BIGINT NOT NULL DEFAULT 0,
    new             BIGINT NOT NULL DEFAULT 0,
    changed         BIGINT NOT NULL DEFAULT 0,
    already_loaded  BIGINT NOT NULL DEFAULT 0,
    rejected        BIGINT NOT NULL DEFAULT 0,
    failed_listings BIGINT DEFAULT 0,
    is_incremental  BOOLEAN DEFAULT false,
    error           VARCHAR,
    newsetl_version VARCHAR NOT NULL,
    data_dir_id     UUID
);
COMMENT ON TABLE runs IS 'One row per run of one source.';
COMMENT ON COLUMN runs.run_id IS 'The run''s id.';
COMMENT ON COLUMN runs.source IS 'The source''s slug.';
COMMENT ON COLUMN runs.kind IS 'The kind of run: ingest, backfill, import, retry, reparse or recovery.';
COMMENT ON COLUMN runs.since IS 'The first requested day, in the source''s timezone; NULL if open.';
COMMENT ON COLUMN runs.until IS 'The last requested day, in the source''s timezone; NULL if open.';
COMMENT ON COLUMN runs.state IS 'running, completed, degraded (completed, but the view drift shows a regression) or failed. A run that was killed is running until the next start, then failed.';
COMMENT ON COLUMN runs.started_at IS 'When it began.';
COMMENT ON COLUMN runs.ended_at IS 'When it ended; NULL while it is running.';
COMMENT ON COLUMN runs.seconds IS 'Seconds from start to end; NULL while it is running.';
COMMENT ON COLUMN runs.discovered IS 'Links that were discovered.';
COMMENT ON COLUMN runs.new IS 'New articles.';
COMMENT ON COLUMN runs.changed IS 'Articles with a changed title or text.';
COMMENT ON COLUMN runs.already_loaded IS 'Discovered articles that were already loaded.';
COMMENT ON COLUMN runs.rejected IS 'Rejects in the run''s batches.';
COMMENT ON COLUMN runs.failed_listings IS 'Start pages, listings, feeds and sitemaps that could not be fetched or parsed. Links that only they have are not in discovered.';
COMMENT ON COLUMN runs.is_incremental IS 'True for a daily run: it covers every day since the daily run before it.';
COMMENT ON COLUMN runs.error IS 'The error that ended the run; NULL if there was none.';
COMMENT ON COLUMN runs.newsetl_version IS 'The newsetl version that ran.';
COMMENT ON COLUMN runs.data_dir_id IS 'The data directory that ran it, by the id in its file folder-id; NULL in a DuckDB file, which has the runs of one data directory alone.';
INSERT INTO runs
SELECT
    run_id, source, CASE kind WHEN 'replay' THEN 'retry' ELSE kind END, since, until, state, started_at, ended_at,
    seconds, found, new, changed, known, refused, lost_listings, is_following, error, newsetl_version, folder_id
FROM old_runs;
DROP TABLE old_runs;

CREATE TEMP TABLE old_requests AS FROM requests;
DROP TABLE requests;
CREATE TABLE requests (
    run_id       UUID NOT NULL,
    source       VARCHAR NOT NULL,
    url          VARCHAR NOT NULL,
    host         VARCHAR NOT NULL,
    kind         VARCHAR NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    status       INTEGER,
    waited       DOUBLE NOT NULL,
    elapsed      DOUBLE NOT NULL,
    size         BIGINT NOT NULL,
    is_allowed   BOOLEAN NOT NULL,
    attempt      INTEGER NOT NULL,
    error        VARCHAR,
    capture_id   UUID,
    wait_reason  VARCHAR,
    min_delay    DOUBLE,
    crawl_delay  DOUBLE,
    retry_after  DOUBLE
);
COMMENT ON TABLE requests IS 'One row per request attempt: the rate-limit audit.';
COMMENT ON COLUMN requests.run_id IS 'The run that first loaded it.';
COMMENT ON COLUMN requests.source IS 'The source''s slug.';
COMMENT ON COLUMN requests.url IS 'The requested URL.';
COMMENT ON COLUMN requests.host IS 'The host of the URL, with the port if it is not the default.';
COMMENT ON COLUMN requests.kind IS 'What was requested: article, index, listing, sitemap, feed, search, cdx (a web archive''s index) or robots.';
COMMENT ON COLUMN requests.requested_at IS 'When the request was sent, or would have been.';
COMMENT ON COLUMN requests.status IS 'The HTTP status; NULL if there was no response.';
COMMENT ON COLUMN requests.waited IS 'Seconds waited before sending.';
COMMENT ON COLUMN requests.elapsed IS 'Seconds from sending to the last byte.';
COMMENT ON COLUMN requests.size IS 'Bytes received.';
COMMENT ON COLUMN requests.is_allowed IS 'False if robots.txt disallows the URL: then nothing was sent.';
COMMENT ON COLUMN requests.attempt IS 'The number of the attempt at this URL, from 1.';
COMMENT ON COLUMN requests.error IS 'The network error; NULL if there was none.';
COMMENT ON COLUMN requests.capture_id IS 'The capture of its response; NULL if there is none.';
COMMENT ON COLUMN requests.wait_reason IS 'The reason for the last seconds of the wait: min-delay, crawl-delay, retry-after, backoff, or host-busy (another worker was using the host); NULL if there was no wait.';
COMMENT ON COLUMN requests.min_delay IS 'Seconds to leave between the end of the host''s last response and this request: the source''s min_delay or the host''s Crawl-delay, whichever is longer.';
COMMENT ON COLUMN requests.crawl_delay IS 'Crawl-delay of robots.txt in seconds, at most the cap; NULL if there is none.';
COMMENT ON COLUMN requests.retry_after IS 'Retry-After of the response in seconds; NULL if there is none.';
INSERT INTO requests
SELECT
    run_id, source, url, host, why, requested_at, status, waited, elapsed, size, is_allowed, attempt, error,
    capture_id, CASE waited_for WHEN 'pause' THEN 'min-delay' WHEN 'turn' THEN 'host-busy' ELSE waited_for END,
    pause, crawl_delay, retry_after
FROM old_requests;
DROP TABLE old_requests;

CREATE TEMP TABLE old_check_results AS FROM check_results;
DROP TABLE check_results;
CREATE TABLE check_results (
    run_id       UUID,
    source       VARCHAR NOT NULL,
    name         VARCHAR NOT NULL,
    severity     VARCHAR NOT NULL,
    checked_at   TIMESTAMPTZ NOT NULL,
    failing_rows BIGINT,
    samples      JSON NOT NULL,
    error        VARCHAR
);
COMMENT ON TABLE check_results IS 'One row per check and run, with the number of failing rows.';
COMMENT ON COLUMN check_results.run_id IS 'The run after which the check ran; NULL for a rebuild.';
COMMENT ON COLUMN check_results.source IS 'The source''s slug.';
COMMENT ON COLUMN check_results.name IS 'The check''s name, as in newsetl check.';
COMMENT ON COLUMN check_results.severity IS 'error: a fault of the warehouse or archive. warning: may be correct, and should be reviewed.';
COMMENT ON COLUMN check_results.checked_at IS 'When the check ran.';
COMMENT ON COLUMN check_results.failing_rows IS 'Rows that failed the check; NULL if it could not run.';
COMMENT ON COLUMN check_results.samples IS 'Up to five failing rows as JSON objects.';
COMMENT ON COLUMN check_results.error IS 'Why it could not run; NULL if it did.';
INSERT INTO check_results
SELECT
    run_id, source,
    CASE name
        WHEN 'articles_uncaptured' THEN 'articles_without_capture'
        WHEN 'captures_unfiled' THEN 'captures_without_file'
        WHEN 'credits_gaps' THEN 'credit_position_gaps'
        WHEN 'credits_odd' THEN 'suspicious_credits'
        WHEN 'dates_wrong' THEN 'inconsistent_dates'
        WHEN 'hashes_wrong' THEN 'hash_mismatches'
        WHEN 'markup_left' THEN 'leftover_markup'
        WHEN 'pauses_broken' THEN 'early_requests'
        WHEN 'published_late' THEN 'published_after_first_seen'
        WHEN 'refusals_unlisted' THEN 'unlisted_rejects'
        WHEN 'sections_unknown' THEN 'unknown_sections'
        WHEN 'texts_short' THEN 'short_texts'
        WHEN 'titles_repeated' THEN 'repeated_titles'
        WHEN 'urls_twice' THEN 'duplicate_urls'
        WHEN 'urls_uncanonical' THEN 'noncanonical_urls'
        ELSE name
    END,
    CASE severity WHEN 'defect' THEN 'error' ELSE 'warning' END, checked_at, wrong, samples, error
FROM old_check_results;
DROP TABLE old_check_results;

-- New texts for tables that keep their columns. Comments precede the UPDATE below: DuckDB alters no table that was
-- updated in the same transaction.
COMMENT ON TABLE article_revisions IS 'One row per state of an article that has changed on the site. An article without changes has no rows, unless another of its URLs shows a different text.';
COMMENT ON COLUMN article_revisions.article_id IS 'The article.';
COMMENT ON COLUMN article_revisions.number IS 'The number of the state, from 1 (first seen) to the current one.';
COMMENT ON COLUMN article_revisions.seen_at IS 'When the oldest capture with this state was fetched.';
COMMENT ON COLUMN article_revisions.last_seen_at IS 'When the newest capture with this state was fetched.';
COMMENT ON COLUMN article_revisions.changed IS 'The fields that differ from the state before: title, text. Blanks and punctuation are ignored.';
COMMENT ON COLUMN article_revisions.title IS 'The title.';
COMMENT ON COLUMN article_revisions.text IS 'The paragraphs, separated by a blank line.';
COMMENT ON COLUMN article_revisions.words IS 'Words of the text, separated by blanks; a Chinese or Japanese character is a word.';
COMMENT ON COLUMN article_revisions.title_hash IS 'SHA-256 (hex) of the title''s letters and digits, casefolded.';
COMMENT ON COLUMN article_revisions.text_hash IS 'SHA-256 (hex) of the text''s letters and digits, casefolded.';
COMMENT ON COLUMN article_revisions.capture_id IS 'The newest capture with this state.';

COMMENT ON TABLE article_urls IS 'One row per URL of an article. Within a source a URL belongs to one article.';
COMMENT ON COLUMN article_urls.url IS 'The URL, normalised.';
COMMENT ON COLUMN article_urls.article_id IS 'The article at this URL.';
COMMENT ON COLUMN article_urls.url_form IS 'The source''s URL form that the URL matches; NULL if none does.';
COMMENT ON COLUMN article_urls.is_canonical IS 'True for the one URL that is in articles.url.';
COMMENT ON COLUMN article_urls.first_seen_at IS 'When the oldest capture with this URL was fetched.';

COMMENT ON TABLE articles IS 'One row per article, in the state of its newest capture.';
COMMENT ON COLUMN articles.article_id IS 'The article''s id, derived from its source and the URL at which it was first seen.';
COMMENT ON COLUMN articles.url IS 'The canonical URL; article_urls has all URLs. NULL for a saved file without a URL.';
COMMENT ON COLUMN articles.title IS 'The title.';
COMMENT ON COLUMN articles.section IS 'The section of the site, as printed.';
COMMENT ON COLUMN articles.agency IS 'The agency or publication named as the origin of the text.';
COMMENT ON COLUMN articles.published_at IS 'When it was published, as precise as published_precision.';
COMMENT ON COLUMN articles.published_on IS 'The day of published_at in the source''s timezone.';
COMMENT ON COLUMN articles.published_raw IS 'The date as printed on the page.';
COMMENT ON COLUMN articles.published_precision IS 'second, minute, day or month. The parts of published_at below this precision are the first moment of that minute, day or month.';
COMMENT ON COLUMN articles.authors IS 'Authors in the printed order; credits has more about them.';
COMMENT ON COLUMN articles.editors IS 'Editors in the printed order.';
COMMENT ON COLUMN articles.lead IS 'The first paragraph with at least 60 characters; without one the first paragraph.';
COMMENT ON COLUMN articles.text IS 'The paragraphs, separated by a blank line.';
COMMENT ON COLUMN articles.words IS 'Words of the text, separated by blanks; a Chinese or Japanese character is a word.';
COMMENT ON COLUMN articles.language IS 'The language of the text (ISO 639-1).';
COMMENT ON COLUMN articles.title_hash IS 'SHA-256 (hex) of the title''s letters and digits, casefolded.';
COMMENT ON COLUMN articles.text_hash IS 'SHA-256 (hex) of the text''s letters and digits, casefolded.';
COMMENT ON COLUMN articles.found IS 'Field → where on the page its value was found (provenance).';
COMMENT ON COLUMN articles.first_seen_at IS 'When its oldest capture was fetched.';
COMMENT ON COLUMN articles.changed_at IS 'When its current title and text were first seen.';
COMMENT ON COLUMN articles.capture_id IS 'The capture that this state was parsed from.';
COMMENT ON COLUMN articles.gone_at IS 'When the site was first found to have removed it (404, 410 or a page that says so); NULL while it is online. Text and credits stay.';
COMMENT ON COLUMN articles.fingerprint IS 'A 64-bit fingerprint of the text (one-bit MinHash): bit_count(xor(a, b)) of two texts is about 32 times the share of word triples that they do not share. NULL if the text is too short.';

COMMENT ON TABLE captures IS 'One row per stored response. Only article_id and the hashes change; the body is in the archive.';
COMMENT ON COLUMN captures.capture_id IS 'The id of the response, also in its archive record.';
COMMENT ON COLUMN captures.run_id IS 'The run that first loaded it.';
COMMENT ON COLUMN captures.kind IS 'What was requested: article, index, listing, sitemap, feed, search, cdx (a web archive''s index) or robots.';
COMMENT ON COLUMN captures.requested_url IS 'The requested URL.';
COMMENT ON COLUMN captures.url IS 'The URL of the response, after redirects.';
COMMENT ON COLUMN captures.fetched_at IS 'When the page was fetched from the site: by newsetl, or by the origin in via.';
COMMENT ON COLUMN captures.status IS 'The HTTP status.';
COMMENT ON COLUMN captures.content_type IS 'The Content-Type header.';
COMMENT ON COLUMN captures.charset IS 'The charset in the Content-Type header.';
COMMENT ON COLUMN captures.etag IS 'The ETag header.';
COMMENT ON COLUMN captures.last_modified IS 'The Last-Modified header.';
COMMENT ON COLUMN captures.bytes IS 'Size of the decoded body in bytes.';
COMMENT ON COLUMN captures.sha256 IS 'SHA-256 (hex) of the decoded body.';
COMMENT ON COLUMN captures.file IS 'The archive file of its record, relative to the archive directory.';
COMMENT ON COLUMN captures."offset" IS 'Position of its record in that file in bytes. A reserved word: quote it.';
COMMENT ON COLUMN captures.length IS 'Size of its record in that file in bytes.';
COMMENT ON COLUMN captures.article_id IS 'The article that was parsed from it; NULL if none was.';
COMMENT ON COLUMN captures.via IS 'The origin of the response: web (the site itself), wayback, commoncrawl, warc or file.';
COMMENT ON COLUMN captures.via_url IS 'The URL or path at that origin; NULL for the site itself.';
COMMENT ON COLUMN captures.obtained_at IS 'When it was obtained from that origin; NULL for the site itself.';
COMMENT ON COLUMN captures.title_hash IS 'The title_hash of the article that was parsed from it; NULL if none was.';
COMMENT ON COLUMN captures.text_hash IS 'The text_hash of the article that was parsed from it; NULL if none was.';

COMMENT ON TABLE credits IS 'One row per credit of an article: a name with its role and position.';
COMMENT ON COLUMN credits.position IS 'The position in the printed order within the role, from 1.';

COMMENT ON TABLE images IS 'One row per image of an article.';
COMMENT ON COLUMN images.position IS 'The position on the page, from 1.';
COMMENT ON COLUMN images.url IS 'The URL of the image; NULL in saved text, which has captions only.';
COMMENT ON COLUMN images.credit IS 'The name printed as photographer or owner of the image.';

COMMENT ON TABLE people IS 'One row per person, desk or organisation that a source credits. Recomputed from credits after each run.';
COMMENT ON COLUMN people.person_id IS 'The id within the source, derived from the name in Chinese characters, or from the name in Latin letters if no other is known.';
COMMENT ON COLUMN people.source IS 'The source''s slug. People of different sources are not matched.';
COMMENT ON COLUMN people.name IS 'The name in Latin letters as printed by the source, SURNAME Given; for a desk or organisation its name as printed.';
COMMENT ON COLUMN people.chinese_name IS 'The name in simplified Chinese characters; NULL if it was never printed.';
COMMENT ON COLUMN people.credits IS 'Number of credits in all roles and spellings; author_output and editor_counts count articles.';

COMMENT ON TABLE published IS 'One row about this published copy of the warehouse; none in the writer''s own file.';
COMMENT ON COLUMN published.run_id IS 'The newest run in the copy, running or ended; NULL before the first run.';
COMMENT ON COLUMN published.published_at IS 'When the copy was published.';
COMMENT ON COLUMN published.articles IS 'Articles in the copy.';
COMMENT ON COLUMN published.newsetl_version IS 'The newsetl version that published it.';

COMMENT ON TABLE sources IS 'One row per source: a news site as configured in its TOML file.';
COMMENT ON COLUMN sources.slug IS 'The short name, as in the column source of other tables.';
COMMENT ON COLUMN sources.name IS 'The name of the site.';
COMMENT ON COLUMN sources.home IS 'The URL of its start page.';
COMMENT ON COLUMN sources.hosts IS 'The hosts that serve it, the canonical host first.';
COMMENT ON COLUMN sources.timezone IS 'The IANA time zone of the times that it prints.';
COMMENT ON COLUMN sources.language IS 'Its language (ISO 639-1).';
COMMENT ON COLUMN sources.first_day IS 'The day before which it published nothing.';
COMMENT ON COLUMN sources.url_forms IS 'The names of its URL forms, the preferred first.';
COMMENT ON COLUMN sources.sections IS 'The sections in its file; NULL until a newer newsetl registers it.';

COMMENT ON TABLE story_clusters IS 'One row per article that has the same or a similar text as another article, of any source. Articles are not merged.';
COMMENT ON COLUMN story_clusters.cluster_id IS 'The cluster: the article_id of its first article.';
COMMENT ON COLUMN story_clusters.published_at IS 'When it was published; if only the day or month is known, the order in the cluster uses the end of that period.';
COMMENT ON COLUMN story_clusters.is_first IS 'True for the first article of the cluster.';
COMMENT ON COLUMN story_clusters.how IS 'same text: equal to the first, except for blanks and punctuation. near: similar to the first. near another: similar to another member only. NULL for the first.';
COMMENT ON COLUMN story_clusters.similarity IS 'Jaccard similarity of the word triples with the first article''s; NULL if the two are no pair.';
COMMENT ON COLUMN story_clusters.distance IS 'Number of bits in which its fingerprint differs from the first article''s; NULL for short texts.';

COMMENT ON TABLE story_pairs IS 'One row per pair of articles with similar but not equal texts, published within 31 days of each other.';
COMMENT ON COLUMN story_pairs.article_id IS 'The article with the smaller id.';
COMMENT ON COLUMN story_pairs.other_id IS 'The article with the larger id.';
COMMENT ON COLUMN story_pairs.similarity IS 'Jaccard similarity of the word triples of both texts, from 0.6 to 1.';

COMMENT ON TABLE teasers IS 'One row per item of the teaser block in a capture; the site changes the block with every request.';
COMMENT ON COLUMN teasers.capture_id IS 'The capture with the teaser.';
COMMENT ON COLUMN teasers.article_id IS 'The article on whose page the teaser is, not the article that it links to.';
COMMENT ON COLUMN teasers.position IS 'The position in the block, from 1.';
COMMENT ON COLUMN teasers.title IS 'The title of the teaser; the first item often has none.';
COMMENT ON COLUMN teasers.summary IS 'The text of the teaser.';
COMMENT ON COLUMN teasers.url IS 'The URL that the teaser links to.';

COMMENT ON TABLE rejects IS 'One row per reject: one URL and reason, from its first occurrence until it is resolved.';
COMMENT ON COLUMN rejects.reject_id IS 'The reject''s id, derived from source, URL, reason and first occurrence.';
COMMENT ON COLUMN rejects.url IS 'The rejected URL; the path of a saved file, with #OFFSET for a WARC record; archive:FILE#OFFSET for a corrupt record of the archive.';
COMMENT ON COLUMN rejects.stage IS 'The stage that rejected it: discover, fetch, parse or normalise.';
COMMENT ON COLUMN rejects.reason IS 'empty_body, too_large, not_html, undecodable, soft_404, removed_page, blocked_by_waf, consent_page, login_page, redirected_away, not_article, different_article, unknown_layout, no_title, no_text, no_date, bad_date, future_date, date_before_source, http_status, fetch_failed, robots, archive_corrupt or parser_error.';
COMMENT ON COLUMN rejects.message IS 'The error of the last attempt, in one line.';
COMMENT ON COLUMN rejects.rejected_at IS 'When it was last rejected.';
COMMENT ON COLUMN rejects.capture_id IS 'The last rejected response; NULL if there was none.';
COMMENT ON COLUMN rejects.retry_at IS 'When the URL is requested again; NULL if it waits for a manual action.';
COMMENT ON COLUMN rejects.resolved_at IS 'When the reject was resolved by a capture that became an article: when that capture was fetched, obtained from a file or web archive, or reparsed. NULL while the reject is open.';
COMMENT ON COLUMN rejects.resolved_by IS 'The capture that resolved it.';
COMMENT ON COLUMN rejects.resolved_run_id IS 'The run that resolved it.';
UPDATE rejects SET reason = CASE reason
    WHEN 'dead_page' THEN 'soft_404' WHEN 'challenge' THEN 'blocked_by_waf'
    WHEN 'no_landmarks' THEN 'unknown_layout' WHEN 'damaged' THEN 'archive_corrupt'
    WHEN 'internal' THEN 'parser_error' WHEN 'binary' THEN 'not_html'
    WHEN 'unreachable' THEN 'fetch_failed' ELSE reason
END
WHERE reason IN ('dead_page', 'challenge', 'no_landmarks', 'damaged', 'internal', 'binary', 'unreachable');
