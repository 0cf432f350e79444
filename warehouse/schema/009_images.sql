-- One row a picture of an article, in the state of articles.
CREATE TABLE images (
    article_id UUID NOT NULL,
    position   INTEGER NOT NULL,
    url        VARCHAR,
    caption    VARCHAR,
    credit     VARCHAR
);
COMMENT ON TABLE images IS 'One row a picture of an article, in the state of articles.';
COMMENT ON COLUMN images.article_id IS 'The article.';
COMMENT ON COLUMN images.position IS 'The place in the page''s order, from 1.';
COMMENT ON COLUMN images.url IS 'The picture''s address; NULL in saved text, where only the caption is left.';
COMMENT ON COLUMN images.caption IS 'The caption without the credit.';
COMMENT ON COLUMN images.credit IS 'Who is named as the maker or owner of the picture.';
