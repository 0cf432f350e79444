-- One list of words per text, without case and accents; a Chinese or Japanese character is a word of its own.
CREATE OR REPLACE MACRO folded_words(text) AS regexp_extract_all(
    lower(strip_accents(text)),
    '(?:[a-z0-9]|[^\P{L}\p{Han}\p{Hiragana}\p{Katakana}])+|[\p{Han}\p{Hiragana}\p{Katakana}]|\p{N}'
);
COMMENT ON MACRO folded_words IS 'One list of words per text, without case and accents; a Chinese or Japanese character is a word of its own.';
