-- One row per source and author: a person, desk or organisation.
CREATE OR REPLACE VIEW author_output AS
WITH collaborators AS (
    SELECT
        author_row.person_id,
        count(DISTINCT other.person_id) FILTER (other.role = 'editor') AS editors,
        count(DISTINCT other.person_id) FILTER (
            other.role = 'author' AND other.person_id <> author_row.person_id
        ) AS co_authors
    FROM article_people AS author_row
    JOIN article_people AS other USING (article_id)
    WHERE author_row.role = 'author'
    GROUP BY author_row.person_id
)
SELECT
    source, person AS author, chinese_name, kind,
    count(*) AS articles,
    sum(words)::BIGINT AS words,
    count(DISTINCT section) AS sections,
    any_value(co_authors) AS co_authors,
    any_value(editors) AS editors,
    min(published_on) AS first_on,
    max(published_on) AS last_on,
    person_id
FROM article_people
JOIN collaborators USING (person_id)
WHERE role = 'author'
GROUP BY source, person_id, person, chinese_name, kind
ORDER BY source, articles DESC, author, person_id;
COMMENT ON VIEW author_output IS 'One row per source and author: a person, desk or organisation.';
COMMENT ON COLUMN author_output.author IS 'The author''s name in Latin letters as printed by the source; for a desk or organisation its name as printed.';
COMMENT ON COLUMN author_output.kind IS 'person, desk or organisation.';
COMMENT ON COLUMN author_output.articles IS 'Articles with this author.';
COMMENT ON COLUMN author_output.words IS 'Words of these articles, including those of co-authors.';
COMMENT ON COLUMN author_output.sections IS 'Number of sections with these articles.';
COMMENT ON COLUMN author_output.co_authors IS 'Number of other authors of these articles.';
COMMENT ON COLUMN author_output.editors IS 'Number of editors of these articles.';
COMMENT ON COLUMN author_output.first_on IS 'The day of the oldest of these articles.';
COMMENT ON COLUMN author_output.last_on IS 'The day of the newest of these articles.';
