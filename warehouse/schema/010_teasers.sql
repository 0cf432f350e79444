-- One row an item of the teaser block in one capture of an article page.
CREATE TABLE teasers (
    capture_id UUID NOT NULL,
    article_id UUID NOT NULL,
    position   INTEGER NOT NULL,
    title      VARCHAR,
    summary    VARCHAR,
    url        VARCHAR
);
COMMENT ON TABLE teasers IS 'One row an item of the teaser block in one capture; the site fills the block anew for every visit.';
COMMENT ON COLUMN teasers.capture_id IS 'The capture that showed it.';
COMMENT ON COLUMN teasers.article_id IS 'The article on whose page it stood, not the one it points to.';
COMMENT ON COLUMN teasers.position IS 'The place in the block, from 1.';
COMMENT ON COLUMN teasers.title IS 'Its headline; the first item often has none.';
COMMENT ON COLUMN teasers.summary IS 'Its text.';
COMMENT ON COLUMN teasers.url IS 'Where it points to.';
