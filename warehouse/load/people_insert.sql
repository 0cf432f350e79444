-- One row a person, desk or organisation, of the source.
INSERT INTO people BY NAME
WITH counts AS (
    SELECT
        person_id,
        min(published_on) AS first_on,
        max(published_on) AS last_on,
        count(DISTINCT article_id) FILTER (role = 'author') AS authored,
        count(DISTINCT article_id) FILTER (role = 'editor') AS edited,
        count(DISTINCT article_id) FILTER (role = 'photographer') AS photographed
    FROM credits
    JOIN articles USING (article_id)
    JOIN incoming_person_claims USING (name, kind)
    WHERE articles.source = $source
    GROUP BY person_id
)
SELECT $source AS source, incoming_people.*, counts.* EXCLUDE (person_id)
FROM incoming_people
JOIN counts USING (person_id)
