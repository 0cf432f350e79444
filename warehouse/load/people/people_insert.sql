-- One row per person, desk or organisation of the source.
INSERT INTO people BY NAME
SELECT
    $source AS source, incoming_people.*,
    counts.first_on, counts.last_on, counts.credits
FROM incoming_people
JOIN (
    SELECT person_id, min(first_on) AS first_on, max(last_on) AS last_on, sum(credits)::BIGINT AS credits
    FROM printed_names
    JOIN incoming_name_matches USING (name, kind)
    GROUP BY person_id
) AS counts USING (person_id)
