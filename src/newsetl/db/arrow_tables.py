"""Conversion of a batch to Arrow tables with the columns, order and types of the warehouse tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pyarrow as pa

from newsetl.db.arrow_columns import COLUMNS, ID
from newsetl.db.matching import ArticleRow, derive_article_id
from newsetl.model import (
    NAMESPACE,
    Article,
    Batch,
    Capture,
    DiscoveredLink,
    MatchedPeople,
    MinHashSketch,
    Reject,
)
from newsetl.reasons import RETRY_DAYS
from newsetl.runtime import old_names
from newsetl.sources.config import Source
from newsetl.text.minhash import compute_sketch
from newsetl.text.unicode import replace_surrogates
from newsetl.text.whitespace import count_words

Row = tuple[Any, ...]


def build_page_table(articles: Iterable[Article]) -> dict[str, pa.Table]:
    """Return the table `pages`: one row per URL of an article, for the lookup of stored articles."""
    return {
        "pages": _build_table(
            "pages",
            (
                (article.source, url, article.published_at, article.title_hash, derive_article_id(article))
                for article in articles
                for url in (article.url, *article.other_urls)
            ),
        )
    }


def build_capture_table(capture_ids: Iterable[UUID | None]) -> dict[str, pa.Table]:
    """Return the table `capture_ids`: captures that the batch refers to without containing them."""
    return {"capture_ids": _build_table("capture_ids", ((capture_id,) for capture_id in capture_ids))}


def build_people_tables(matched: MatchedPeople) -> dict[str, pa.Table]:
    """Return the tables `people` and `name_matches` of a source."""
    people = ((each.person_id, each.name, each.chinese_name, each.kind) for each in matched.people)
    matches = (
        (each.name, each.kind, each.person_id, each.reason.value, each.confidence, each.alternatives)
        for each in matched.matches
    )
    return {"people": _build_table("people", people), "name_matches": _build_table("name_matches", matches)}


def build_batch_tables(
    batch: Batch,
    source: Source,
    run_id: UUID,
    article_rows: tuple[ArticleRow, ...],
    article_ids: dict[UUID, UUID],
) -> dict[str, pa.Table]:
    """Return table name → Arrow table for everything that the batch writes.

    `article_ids` maps each capture to the article that was parsed from it.
    """
    updated = [(row, row.state_article) for row in article_rows if row.state_article is not None]
    sketches = {row.article_id: article.sketch or compute_sketch(article.text) for row, article in updated}
    hashes = {article.capture_id: (article.title_hash, article.text_hash) for article in batch.articles}
    rows: dict[str, Iterable[Row]] = {
        "captures": (
            (*_build_capture_row(capture, run_id, article_ids), *hashes.get(capture.capture_id, (None, None)))
            for capture in batch.captures
        ),
        "capture_articles": (
            (capture_id, article_id, *hashes[capture_id]) for capture_id, article_id in article_ids.items()
        ),
        "states": (
            (
                article_ids[article.capture_id], article.capture_id, article.title, article.text,
                count_words(article.text), article.title_hash, article.text_hash,
            )
            for article in batch.articles
            if article.capture_id is not None
        ),
        "articles": (
            _build_article_row(row, article, source, sketches[row.article_id]) for row, article in updated
        ),
        "bands": ((article_id, sketch.bands) for article_id, sketch in sketches.items() if sketch),
        "sightings": (
            (row.article_id, row.canonical_url, row.first_seen_at, row.changed_at)
            for row in article_rows
        ),
        "urls": (
            (source.slug, url, row.article_id, row.urls[url], url == row.canonical_url, seen_at)
            for row in article_rows
            for url, seen_at in row.seen_at_by_url.items()
        ),
        "credits": (
            (row.article_id, credit.role, credit.position, credit.name, credit.kind)
            for row, article in updated
            for credit in article.credits
        ),
        "images": (
            (row.article_id, position, image.url, image.caption, image.credit)
            for row, article in updated
            for position, image in enumerate(article.images, 1)
        ),
        "teasers": (
            (
                article.capture_id, article_ids[article.capture_id], position, item.title, item.summary,
                item.url,
            )
            for article in batch.articles
            if article.capture_id is not None
            for position, item in enumerate(article.teasers, 1)
        ),
        "rejects": _build_reject_rows(batch.rejects),
        "discovered_links": _build_link_rows(batch.discovered_links),
        "discovery_queries": (
            (
                run_id, query.source, query.method, query.since, query.until, query.queried_at,
                query.discovered, query.error, query.is_recheck,
            )
            for query in batch.discovery_queries
        ),
        "requests": (
            (
                run_id, request.source, request.url, request.host, request.kind, request.requested_at,
                request.status, request.waited, request.elapsed, request.size, request.is_allowed,
                request.attempt, request.error, request.capture_id, request.wait_reason, request.min_delay,
                request.crawl_delay, request.retry_after,
            )
            for request in batch.requests
        ),
    }  # fmt: skip
    return {name: _build_table(name, table_rows) for name, table_rows in rows.items()}


def _build_capture_row(capture: Capture, run_id: UUID, article_ids: dict[UUID, UUID]) -> Row:
    headers = {name.lower(): value for name, value in capture.headers}
    return (
        capture.capture_id, run_id, capture.source, capture.kind, capture.requested_url, capture.url,
        capture.fetched_at, capture.status, headers.get("content-type"), capture.charset, headers.get("etag"),
        headers.get("last-modified"), len(capture.body) if capture.size is None else capture.size,
        capture.sha256 or hashlib.sha256(capture.body).hexdigest(),
        capture.file, capture.offset, capture.length, article_ids.get(capture.capture_id), capture.via,
        capture.via_url, capture.obtained_at,
    )  # fmt: skip


def _build_article_row(
    article_row: ArticleRow, article: Article, source: Source, sketch: MinHashSketch | None
) -> Row:
    assert article.published_at is not None, "a configured source's article has a date"
    return (
        article_row.article_id, article.source, article_row.canonical_url, article.title, article.section,
        article.agency,
        article.published_at, article.published_at.astimezone(source.timezone).date(), article.published_raw,
        article.published_precision, article.authors, article.editors, article.lead, article.text,
        count_words(article.text), article.language, article.title_hash, article.text_hash,
        sorted(article.found.items()), article_row.first_seen_at, article_row.changed_at, article.capture_id,
        None,
        sketch and sketch.fingerprint,
    )  # fmt: skip


def _build_reject_rows(rejects: Iterable[Reject]) -> list[Row]:
    """Return one row per URL and reason: the last reject, with the id of the first one."""
    by_key: dict[tuple[str, str], tuple[UUID, Reject]] = {}
    for reject in sorted(rejects, key=lambda reject: reject.rejected_at):
        subject = reject.url or str(reject.capture_id or "")
        first_at = reject.rejected_at.astimezone(UTC).isoformat()
        reason = old_names.get_first_reason(reject.reason)
        new_id = uuid5(NAMESPACE, f"{reject.source} {replace_surrogates(subject)} {reason} {first_at}")
        reject_id, _ = by_key.get((subject, reject.reason), (new_id, reject))
        by_key[subject, reject.reason] = (reject_id, reject)
    return [
        (
            reject_id, reject.source, reject.url, reject.stage, reject.reason.value, reject.message,
            reject.rejected_at, reject.capture_id, _compute_retry_at(reject), None, None, None,
        )
        for reject_id, reject in by_key.values()
    ]  # fmt: skip


def _compute_retry_at(reject: Reject) -> datetime | None:
    if reject.retry_at is not None:
        return reject.retry_at
    days = RETRY_DAYS[reject.reason]
    return None if days is None else reject.rejected_at + timedelta(days=days)


def _build_link_rows(discovered_links: Iterable[DiscoveredLink]) -> Iterable[Row]:
    """Return one row per URL and discovery method, as the link was first discovered."""
    by_key: dict[tuple[str, str], Row] = {}
    for each in discovered_links:
        row = (
            each.source,
            each.url,
            each.method,
            each.section,
            each.title,
            each.published_on,
            each.discovered_from,
            each.first_seen_at,
        )
        by_key.setdefault((each.url, each.method), row)
    return by_key.values()


def _build_table(name: str, rows: Iterable[Row]) -> pa.Table:
    columns = COLUMNS[name]
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [_build_array(column, kind) for column, kind in zip(values, columns.values(), strict=True)]
    return pa.Table.from_arrays(arrays, names=list(columns))


def _build_array(values: tuple[Any, ...], kind: Any) -> pa.Array:
    if kind == ID:
        stored = pa.array([value and value.bytes for value in values], pa.binary(16))
        return pa.ExtensionArray.from_storage(ID, stored)
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # an unpaired surrogate, as some pages' scripts write it
        return pa.array([make_storable(value) for value in values], kind)


def make_storable(value: Any) -> Any:
    """Return the value as the warehouse stores it, without unpaired surrogates (`replace_surrogates`)."""
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, (list, tuple)):
        return type(value)(make_storable(item) for item in value)
    return value
