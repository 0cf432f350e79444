-- One row per article with an HTML tag or entity in its title, section or text.
-- warning: look at the page with newsetl parse; if it is the page's markup, fix the source's [parse], then run newsetl reparse.
WITH words AS (
    SELECT
        source, url, article_id,
        regexp_extract(
            concat_ws(' ', title, section, text),
            '&([a-z]{2,8}|#\d+|#x[0-9a-f]+);'
            || '|</?(a|abbr|article|aside|b|blockquote|br|center|code|div|em|figcaption|figure|font|h[1-6]|hr|i'
            || '|iframe|img|input|li|ol|p|script|section|small|span|strong|style|su[bp]|svg|table|tbody|t[dhr]'
            || '|ul?|video)\b[^>]{0,40}>?',
            0, 'i'
        ) AS markup
    FROM checked_articles
)
SELECT source, markup, url, article_id
FROM words
WHERE markup <> ''
ORDER BY ALL
