-- One row per article that a page of the batch may match: by URL, by second and title, or by article_id.
WITH hits AS (
    SELECT article_urls.article_id
    FROM article_urls JOIN incoming_pages USING (source, url)
    UNION
    SELECT articles.article_id
    FROM articles JOIN incoming_pages USING (source, published_at, title_hash)
    WHERE articles.published_precision = 'second'
    UNION
    SELECT article_id
    FROM articles JOIN incoming_pages USING (article_id)
),
urls_by_article AS (
    SELECT article_id, list(url ORDER BY is_canonical DESC, url) AS urls,
        list(url_form ORDER BY is_canonical DESC, url) AS url_forms
    FROM article_urls SEMI JOIN hits USING (article_id)
    GROUP BY article_id
)
SELECT
    published_at, published_precision,
    coalesce(captures.fetched_at, changed_at) AS fetched_at, articles.capture_id,
    coalesce(urls, []) AS urls, coalesce(url_forms, []) AS url_forms,
    article_id, articles.title_hash, articles.text_hash, lead, title, first_seen_at, changed_at
FROM articles
SEMI JOIN hits USING (article_id)
LEFT JOIN urls_by_article USING (article_id)
LEFT JOIN captures ON captures.capture_id = articles.capture_id
ORDER BY first_seen_at, article_id
