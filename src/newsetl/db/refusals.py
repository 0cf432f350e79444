"""Rejection of parsed pages that only the other pages show to be no article of their URL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import duckdb

from newsetl.db import sql
from newsetl.db.matching import ArticleRow, CaptureMoment
from newsetl.model import Article, Batch, Reject
from newsetl.reasons import Reason

# URLs of one run with the same title and text. A site may print an article under two.
_MIN_REPEATED_URLS = 3


def reject_repeated_pages(
    connection: duckdb.DuckDBPyConnection, batch: Batch, run_id: UUID
) -> tuple[Batch, tuple[Reject, ...]]:
    """Return the batch with rejects in place of pages that the site sends for several URLs of the run.

    Such a page is an error or a consent page of unknown words. It has no date, and does not name its own URL.
    """
    suspects = [
        article
        for article in batch.articles
        if not article.is_identified
        and article.url
        and article.found.get("published_at") in (None, "address")
    ]
    if not suspects:
        return batch, ()
    urls: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    parameters = {"run_id": run_id, "title_hashes": list({article.title_hash for article in suspects})}
    same_pages = connection.execute(sql.load_sql("load/batch/captures_same_pages"), parameters).fetchall()
    for title_hash, text_hash, stored_urls in same_pages:
        urls[title_hash, text_hash].update(stored_urls)
    captures = {capture.capture_id: capture for capture in batch.captures}
    pages = [
        (article, captures[article.capture_id])
        for article in suspects
        if article.capture_id is not None and article.capture_id in captures
    ]
    for article, capture in pages:
        urls[article.title_hash, article.text_hash].add(capture.requested_url)
    return _replace_by_rejects(
        batch,
        [
            (
                article,
                capture.fetched_at,
                Reason.SOFT_404,
                f"the site sends this title and text for {count} URLs of the run: {article.title!r}",
            )
            for article, capture in pages
            if (count := len(urls[article.title_hash, article.text_hash])) >= _MIN_REPEATED_URLS
        ],
    )


def reject_unlike_articles(
    batch: Batch, refused: Iterable[tuple[CaptureMoment, Article, ArticleRow]]
) -> tuple[Batch, tuple[Reject, ...]]:
    """Return the batch with rejects in place of articles that would replace an unlike article."""
    return _replace_by_rejects(
        batch,
        [
            (
                article,
                moment[0],
                Reason.DIFFERENT_ARTICLE,
                f"the loaded article is {row.title!r}, and this page, without its URL, is {article.title!r}",
            )
            for moment, article, row in refused
        ],
    )


def add_redirects(
    batch: Batch, replaced_urls: Iterable[tuple[CaptureMoment, str, Article]]
) -> tuple[Batch, tuple[Reject, ...]]:
    """Return the batch with a reject per URL that now redirects to another article."""
    rejects = tuple(
        Reject(
            batch.source,
            url,
            "normalise",
            Reason.REDIRECTED_AWAY,
            f"the request was redirected to another article: {article.url}",
            moment[0],
        )
        for moment, url, article in replaced_urls
    )
    return replace(batch, rejects=(*batch.rejects, *rejects)), rejects


def _replace_by_rejects(
    batch: Batch, refused: list[tuple[Article, datetime, Reason, str]]
) -> tuple[Batch, tuple[Reject, ...]]:
    if not refused:
        return batch, ()
    captures = {capture.capture_id: capture for capture in batch.captures}
    rejects = []
    for article, fetched_at, reason, message in refused:
        capture = captures.get(article.capture_id) if article.capture_id else None
        url = (capture.via_url or capture.requested_url or None) if capture else article.url
        rejects.append(
            Reject(article.source, url, "normalise", reason, message, fetched_at, article.capture_id)
        )
    refused_ids = {id(article) for article, *_ in refused}
    articles = tuple(article for article in batch.articles if id(article) not in refused_ids)
    return replace(batch, articles=articles, rejects=(*batch.rejects, *rejects)), tuple(rejects)
