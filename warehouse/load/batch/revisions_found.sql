-- One row per state of a touched article, from all its captures in order of time.
CREATE OR REPLACE TEMP TABLE found_states AS
-- Another URL may show the article slightly differently, so only captures of its canonical URL count, if there are any.
WITH canonical AS (
    SELECT captures.*
    FROM touched_captures AS captures
    JOIN touched_articles AS articles USING (article_id)
    WHERE captures.title_hash IS NOT NULL
    QUALIFY
        articles.url IN (captures.requested_url, captures.url)
        OR NOT coalesce(
            bool_or(articles.url IN (captures.requested_url, captures.url)) OVER (PARTITION BY article_id), false
        )
),
captures_in_order AS (
    SELECT
        article_id, capture_id, fetched_at, title_hash, text_hash,
        title_hash IS DISTINCT FROM lag(title_hash) OVER seen AS is_retitled,
        text_hash IS DISTINCT FROM lag(text_hash) OVER seen AS is_edited
    FROM canonical
    WINDOW seen AS (PARTITION BY article_id ORDER BY fetched_at, capture_id)
),
numbered AS (
    SELECT
        *,
        count(*) FILTER (is_retitled OR is_edited) OVER (
            PARTITION BY article_id ORDER BY fetched_at, capture_id
        ) AS number
    FROM captures_in_order
),
states AS (
    SELECT
        article_id, number, min(fetched_at) AS seen_at, max(fetched_at) AS last_seen_at,
        bool_or(is_retitled) AS is_retitled, bool_or(is_edited) AS is_edited,
        any_value(title_hash) AS title_hash, any_value(text_hash) AS text_hash
    FROM numbered
    GROUP BY article_id, number
),
candidates AS (
    SELECT article_id, capture_id, title, text, words, title_hash, text_hash, true AS is_incoming
    FROM incoming_states
    UNION ALL
    SELECT article_id, capture_id, title, text, words, title_hash, text_hash, false
    FROM known_states
),
-- Punctuation may differ between captures with equal hashes: take the newest.
texts AS (
    SELECT candidates.*
    FROM candidates JOIN touched_captures USING (capture_id)
    QUALIFY row_number() OVER (
        PARTITION BY candidates.article_id, candidates.title_hash, candidates.text_hash
        ORDER BY fetched_at DESC, capture_id DESC, is_incoming DESC
    ) = 1
)
SELECT
    article_id, number::INTEGER AS number, seen_at, last_seen_at,
    CASE WHEN number = 1 THEN [] ELSE
        list_filter(['title', 'text'], lambda field: CASE field WHEN 'title' THEN is_retitled ELSE is_edited END)
    END AS changed,
    title, text, words, title_hash, text_hash, capture_id,
    count(*) OVER (PARTITION BY article_id) AS states
FROM states JOIN texts USING (article_id, title_hash, text_hash)
