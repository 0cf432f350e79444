-- One row a person, desk or organisation that a source credits; one row a name as a source prints it.
CREATE TABLE people (
    person_id    UUID NOT NULL,
    source       VARCHAR NOT NULL,
    name         VARCHAR NOT NULL,
    chinese_name VARCHAR,
    kind         VARCHAR NOT NULL CHECK (kind IN ('person', 'desk', 'organisation')),
    first_on     DATE NOT NULL,
    last_on      DATE NOT NULL,
    credits      BIGINT NOT NULL
);
COMMENT ON TABLE people IS 'One row a person, desk or organisation that a source credits. Made anew from credits after each run.';
COMMENT ON COLUMN people.person_id IS 'The identity within the source, made from the name in characters, or in Latin letters while no other is known.';
COMMENT ON COLUMN people.source IS 'The source''s slug; whether people of two sources are the same is not claimed.';
COMMENT ON COLUMN people.name IS 'The name in Latin letters as the channel prints it, SURNAME Given; of a desk or organisation as printed.';
COMMENT ON COLUMN people.chinese_name IS 'The name in simplified characters; NULL if it was never printed.';
COMMENT ON COLUMN people.kind IS 'person, desk or organisation.';
COMMENT ON COLUMN people.first_on IS 'The day of the oldest article that credits them.';
COMMENT ON COLUMN people.last_on IS 'The day of the newest article that credits them.';
COMMENT ON COLUMN people.credits IS 'How often they are credited, in whatever role and spelling; author_output and editor_counts count articles.';

CREATE TABLE person_claims (
    source    VARCHAR NOT NULL,
    name      VARCHAR NOT NULL,
    kind      VARCHAR NOT NULL,
    person_id UUID NOT NULL,
    reason    VARCHAR NOT NULL,
    strength  DOUBLE NOT NULL,
    rivals    VARCHAR[] NOT NULL
);
COMMENT ON TABLE person_claims IS 'One row a name as printed, and whom it is claimed to mean. Made anew from credits after each run.';
COMMENT ON COLUMN person_claims.source IS 'The source''s slug.';
COMMENT ON COLUMN person_claims.name IS 'The name as printed, as in credits.';
COMMENT ON COLUMN person_claims.kind IS 'What the name is in credits: person, desk or organisation.';
COMMENT ON COLUMN person_claims.person_id IS 'Whom it means.';
COMMENT ON COLUMN person_claims.reason IS 'same spelling, other order (given name first), pinyin (of the name in characters), traditional characters (the same in simplified ones) or correction (in the source''s file).';
COMMENT ON COLUMN person_claims.strength IS 'How far to trust it, from 0 to 1; 1 for a correction and for the person''s own spelling.';
COMMENT ON COLUMN person_claims.rivals IS 'Names in characters that are spelled so too. Where none of them goes before the others, the name is a person of its own; a correction can tell.';
