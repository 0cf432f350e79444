-- One row a copy for readers: what it is; the writer's own file has none.
CREATE TABLE published (
    run_id          UUID,
    published_at    TIMESTAMPTZ NOT NULL,
    articles        BIGINT NOT NULL,
    newsetl_version VARCHAR NOT NULL
);
COMMENT ON TABLE published IS 'One row: what this copy of the warehouse is. In the writer''s own file there is none.';
COMMENT ON COLUMN published.run_id IS 'The newest run that is in it, under way or ended; NULL before the first.';
COMMENT ON COLUMN published.published_at IS 'When the copy was made.';
COMMENT ON COLUMN published.articles IS 'Articles in it.';
COMMENT ON COLUMN published.newsetl_version IS 'The newsetl that made it.';
