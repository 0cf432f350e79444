-- One row per article whose title_hash or text_hash does not match its title or text.
-- error: the row was changed outside newsetl; run newsetl rebuild.
SELECT source, url, article_id
FROM checked_articles
WHERE
    -- Only letters for which SQL's lower() and Python's casefold() agree: Latin, Greek, Cyrillic and Chinese.
    regexp_full_match(
        title || text,
        '[\x00-\x7F\pZ\pP\pS\x{2E80}-\x{9FFF}\x{C0}-\x{DE}\x{E0}-\x{12F}\x{132}-\x{148}\x{14A}-\x{17E}'
        || '\x{391}-\x{3A9}\x{3AC}-\x{3AF}\x{3B1}-\x{3C1}\x{3C3}-\x{3CE}\x{410}-\x{44F}]*'
    )
    AND (title_hash, text_hash) <> (
        sha256(lower(regexp_replace(title, '[^\pL\pN]+', '', 'g'))),
        sha256(lower(regexp_replace(text, '[^\pL\pN]+', '', 'g')))
    )
ORDER BY ALL
