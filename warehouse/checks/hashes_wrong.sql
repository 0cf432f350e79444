-- One row an article whose hash of title or text is not that of its title or text.
-- defect: somebody has changed the row; rebuild.
SELECT source, url, article_id
FROM read_articles
WHERE
    -- Letters whose small forms SQL and Python agree on.
    regexp_full_match(title || text, '[\x00-\x7F\pZ\pP\p{Han}]*')
    AND (title_hash, text_hash) <> (
        sha256(lower(regexp_replace(title, '[^\pL\pN]+', '', 'g'))),
        sha256(lower(regexp_replace(text, '[^\pL\pN]+', '', 'g')))
    )
ORDER BY ALL
