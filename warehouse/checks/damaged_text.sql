-- One row per article with a replacement character (U+FFFD), or with a Chinese character inside English words.
-- warning: the charset was decoded wrongly; compare the page with newsetl parse and correct the source's language.
WITH damage AS (
    SELECT
        source, url, article_id,
        regexp_extract(
            concat_ws(' ', title, section, text),
            CASE
                WHEN language IN ('zh', 'ja', 'ko') THEN '\S{0,20}\x{FFFD}\S{0,20}'
                ELSE
                    '\S{0,20}\x{FFFD}\S{0,20}'
                    || '|[A-Za-z]+[\x{3400}-\x{9FFF}](?:[A-Za-z]+|[\s,.;:!?]|$)'
                    || '|(?:^|\s)[\x{3400}-\x{9FFF}][a-z]+'
            END
        ) AS damaged
    FROM checked_articles
)
SELECT source, trim(damaged) AS damaged, url, article_id
FROM damage
WHERE damaged <> ''
ORDER BY ALL
