-- One row a state of an article that has changed on the site; one row a response with what was read from it.
CREATE TABLE article_revisions (
    article_id   UUID NOT NULL,
    number       INTEGER NOT NULL,
    seen_at      TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    changed      VARCHAR[] NOT NULL,
    title        VARCHAR NOT NULL,
    text         VARCHAR NOT NULL,
    words        INTEGER NOT NULL,
    title_hash   VARCHAR NOT NULL,
    text_hash    VARCHAR NOT NULL,
    capture_id   UUID NOT NULL
);
COMMENT ON TABLE article_revisions IS 'One row a state of an article that has changed on the site; an article that never changed has none, or one where another address shows it otherwise.';
COMMENT ON COLUMN article_revisions.article_id IS 'The article.';
COMMENT ON COLUMN article_revisions.number IS 'From 1, the state in which it was first seen; the last is the present one.';
COMMENT ON COLUMN article_revisions.seen_at IS 'When the first of the responses that carry it was fetched.';
COMMENT ON COLUMN article_revisions.last_seen_at IS 'When the last of them was fetched.';
COMMENT ON COLUMN article_revisions.changed IS 'What is not as in the state before: title, text. Blanks and punctuation are no change.';
COMMENT ON COLUMN article_revisions.title IS 'The headline.';
COMMENT ON COLUMN article_revisions.text IS 'The paragraphs, separated by a blank line.';
COMMENT ON COLUMN article_revisions.words IS 'Words in the text, as blanks separate them.';
COMMENT ON COLUMN article_revisions.title_hash IS 'SHA-256 of the headline''s letters and digits, casefolded.';
COMMENT ON COLUMN article_revisions.text_hash IS 'SHA-256 of the text''s letters and digits, casefolded.';
COMMENT ON COLUMN article_revisions.capture_id IS 'A response that carries it: of all with these words the newest.';

ALTER TABLE captures ADD COLUMN title_hash VARCHAR;
ALTER TABLE captures ADD COLUMN text_hash VARCHAR;
COMMENT ON COLUMN captures.title_hash IS 'That of the article as it was read from this response; NULL if none was.';
COMMENT ON COLUMN captures.text_hash IS 'That of the article as it was read from this response; NULL if none was.';
-- Of older responses nothing is known until they are read again: `newsetl reparse` does it.
UPDATE captures SET title_hash = articles.title_hash, text_hash = articles.text_hash
FROM articles
WHERE articles.capture_id = captures.capture_id;

ALTER TABLE articles ADD COLUMN gone_at TIMESTAMPTZ;
COMMENT ON COLUMN articles.gone_at IS 'When the site was first found not to have it any more (404, 410 or the page that says so); NULL while it is there. Text and credits stay.';
COMMENT ON COLUMN articles.changed_at IS 'When its present headline and text were seen first.';
