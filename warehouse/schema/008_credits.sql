-- One row a name in an article's credits, role by role, in the state of articles.
CREATE TABLE credits (
    article_id UUID NOT NULL,
    role       VARCHAR NOT NULL CHECK (role IN ('author', 'editor', 'photographer')),
    position   INTEGER NOT NULL,
    name       VARCHAR NOT NULL,
    kind       VARCHAR NOT NULL CHECK (kind IN ('person', 'desk', 'organisation'))
);
COMMENT ON TABLE credits IS 'One row a name in an article''s credits, role by role, in the state of articles.';
COMMENT ON COLUMN credits.article_id IS 'The article.';
COMMENT ON COLUMN credits.role IS 'author, editor or photographer.';
COMMENT ON COLUMN credits.position IS 'The place in the printed order, from 1.';
COMMENT ON COLUMN credits.name IS 'The name as printed.';
COMMENT ON COLUMN credits.kind IS 'person, desk or organisation.';
