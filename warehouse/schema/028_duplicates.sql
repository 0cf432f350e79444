-- One row an article, from now on with a sketch of its text, and tables for duplicates and for search.
ALTER TABLE articles ADD COLUMN fingerprint UBIGINT;
COMMENT ON COLUMN articles.fingerprint IS 'A 64-bit sketch of the text: bit_count(xor(a, b)) of two is about 32 times the share of word triples that they do not have in common. NULL if the text is too short to be compared.';

-- One row an article whose text is long enough to be compared.
CREATE TABLE article_bands (
    article_id UUID NOT NULL,
    bands      UINTEGER[] NOT NULL
);
COMMENT ON TABLE article_bands IS 'One row an article whose text is long enough to be compared: keys under which like texts meet.';
COMMENT ON COLUMN article_bands.article_id IS 'The article.';
COMMENT ON COLUMN article_bands.bands IS 'Sixteen keys; two articles with one of them at the same place may be alike.';

-- One row a pair of articles whose texts are nearly the same.
CREATE TABLE story_pairs (
    article_id UUID NOT NULL,
    other_id   UUID NOT NULL,
    similarity DOUBLE NOT NULL
);
COMMENT ON TABLE story_pairs IS 'One row a pair of articles of one month whose texts are nearly, but not wholly, the same.';
COMMENT ON COLUMN story_pairs.article_id IS 'The article with the smaller identity.';
COMMENT ON COLUMN story_pairs.other_id IS 'The other one.';
COMMENT ON COLUMN story_pairs.similarity IS 'Word triples that both texts have, divided by those that either has: 0.6 to 1.';

-- One row an article that shares its story with another one.
CREATE TABLE story_clusters (
    cluster_id   UUID NOT NULL,
    source       VARCHAR NOT NULL,
    article_id   UUID NOT NULL,
    published_at TIMESTAMPTZ NOT NULL,
    is_first     BOOLEAN NOT NULL,
    how          VARCHAR CHECK (how IN ('same text', 'near', 'near another')),
    similarity   DOUBLE,
    distance     INTEGER
);
COMMENT ON TABLE story_clusters IS 'One row an article that shares its story with another one, in any source: evidence, nothing is merged.';
COMMENT ON COLUMN story_clusters.cluster_id IS 'The cluster, named by the article_id of the first to carry the story.';
COMMENT ON COLUMN story_clusters.source IS 'The source''s slug.';
COMMENT ON COLUMN story_clusters.article_id IS 'The article.';
COMMENT ON COLUMN story_clusters.published_at IS 'When it was published; what is known by day or month only counts from that span''s end.';
COMMENT ON COLUMN story_clusters.is_first IS 'True for the first to carry the story.';
COMMENT ON COLUMN story_clusters.how IS 'same text: as the first, but for blanks and punctuation. near: nearly the first''s. near another: like another member only. NULL for the first.';
COMMENT ON COLUMN story_clusters.similarity IS 'Word triples that both texts have, divided by those that either has, it and the first; NULL if they were not found alike.';
COMMENT ON COLUMN story_clusters.distance IS 'Bits in which its fingerprint differs from the first''s; NULL for short texts.';

-- One row an article to be compared and indexed at the end of the run.
CREATE TABLE pending_articles (
    article_id UUID NOT NULL
);
COMMENT ON TABLE pending_articles IS 'One row an article that is new or has changed since duplicates were looked for and the search index was made.';
COMMENT ON COLUMN pending_articles.article_id IS 'The article.';
INSERT INTO pending_articles SELECT article_id FROM articles;

-- One row an article that can be searched.
CREATE SEQUENCE search_document_numbers;
CREATE TABLE search_documents (
    document   INTEGER NOT NULL,
    article_id UUID NOT NULL,
    segment    INTEGER NOT NULL,
    words      INTEGER NOT NULL
);
COMMENT ON TABLE search_documents IS 'One row an article that can be searched, in the state in which it was indexed.';
COMMENT ON COLUMN search_documents.document IS 'Its number in the index; a changed article gets a new one.';
COMMENT ON COLUMN search_documents.article_id IS 'The article.';
COMMENT ON COLUMN search_documents.segment IS 'The part of the index that has its words.';
COMMENT ON COLUMN search_documents.words IS 'Words of title and text, as folded_words counts them.';

-- One row a word of a document; within a segment they are sorted by word, so that DuckDB finds one fast.
CREATE TABLE search_postings (
    segment   INTEGER NOT NULL,
    word      VARCHAR NOT NULL,
    document  INTEGER NOT NULL,
    in_title  INTEGER NOT NULL,
    positions INTEGER[] NOT NULL
);
COMMENT ON TABLE search_postings IS 'One row a word of a document: the inverted index. Documents that are not in search_documents are gone.';
COMMENT ON COLUMN search_postings.segment IS 'The part of the index: what was indexed, or brought together, at once.';
COMMENT ON COLUMN search_postings.word IS 'The word, folded by folded_words.';
COMMENT ON COLUMN search_postings.document IS 'The document.';
COMMENT ON COLUMN search_postings.in_title IS 'How many times it stands in the title.';
COMMENT ON COLUMN search_postings.positions IS 'Where it stands: title and text are counted through, with one place left free between them.';

COMMENT ON TABLE view_files IS 'One row for each view and macro that newsetl made here: if the file of one has changed, all are made again.';
COMMENT ON COLUMN view_files.name IS 'The name of the view or macro, which is the file''s.';
COMMENT ON COLUMN view_files.sha256 IS 'SHA-256 (hex) of the file that it was made from.';
