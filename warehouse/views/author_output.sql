-- One row a source and author, however printed: a person, desk or organisation.
CREATE OR REPLACE VIEW author_output AS
WITH company AS (
    SELECT
        wrote.person_id,
        count(DISTINCT other.person_id) FILTER (other.role = 'editor') AS editors,
        count(DISTINCT other.person_id) FILTER (
            other.role = 'author' AND other.person_id <> wrote.person_id
        ) AS co_authors
    FROM article_people AS wrote
    JOIN article_people AS other USING (article_id)
    WHERE wrote.role = 'author'
    GROUP BY wrote.person_id
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
JOIN company USING (person_id)
WHERE role = 'author'
GROUP BY source, person_id, person, chinese_name, kind
ORDER BY source, articles DESC, author, person_id;
COMMENT ON VIEW author_output IS 'One row a source and author, however printed: a person, desk or organisation.';
COMMENT ON COLUMN author_output.author IS 'The name in Latin letters as the channel prints it; a desk or organisation as printed.';
COMMENT ON COLUMN author_output.articles IS 'Articles with that author.';
COMMENT ON COLUMN author_output.words IS 'Words in all of them, those of co-authors too.';
COMMENT ON COLUMN author_output.sections IS 'Sections that had one.';
COMMENT ON COLUMN author_output.co_authors IS 'How many others wrote with that author.';
COMMENT ON COLUMN author_output.editors IS 'How many people edited them.';
COMMENT ON COLUMN author_output.first_on IS 'The day of the oldest of them.';
COMMENT ON COLUMN author_output.last_on IS 'The day of the newest of them.';
