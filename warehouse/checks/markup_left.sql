-- One row an article with a tag or an entity left in its title or text.
-- doubt: see it with newsetl parse; if it is the page's markup, mend the source's [read], then reparse.
SELECT
    source,
    regexp_extract(title || ' ' || text, '&(nbsp|amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);|</?(p|br|div|span|a|img|strong)\b[^>]{0,40}>?') AS markup,
    url, article_id
FROM read_articles
WHERE
    regexp_matches(
        title || ' ' || text, '&(nbsp|amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);|</?(p|br|div|span|a|img|strong)\b'
    )
ORDER BY ALL
