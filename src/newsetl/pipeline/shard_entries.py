"""Entries of a shard: captures with what was parsed from them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from newsetl.archive import run_log
from newsetl.archive.run_log import DiscoveredLinks, Event
from newsetl.archive.warc import Note
from newsetl.errors import CorruptRecordError
from newsetl.model import Article, Batch, Capture, DiscoveredLink, DiscoveryQuery, Reject
from newsetl.pipeline import parse_page
from newsetl.reasons import Reason
from newsetl.sources.config import Source


@dataclass(frozen=True, slots=True)
class ShardEntry:
    """Outcome of one record in the shard's range of this number. The capture has no page."""

    range_number: int = 0
    capture: Capture | None = None
    article: Article | None = None
    reject: Reject | None = None
    discovered_links: tuple[DiscoveredLink, ...] = ()
    discovery_query: DiscoveryQuery | None = None


def build_entry(
    record: Capture | Note | CorruptRecordError,
    source: Source,
    *,
    rejected: frozenset[UUID],
    at: datetime,
    is_skipped: bool = False,
) -> ShardEntry | None:
    """Build the entry of a record. Parse its page, unless it was rejected or is skipped."""
    if isinstance(record, Capture):
        is_page = record.kind == "article" and 200 <= record.status < 300
        outcome: Article | Reject | None = None
        if is_page and record.capture_id not in rejected:
            outcome = (
                build_skipped_reject(record)
                if is_skipped
                else parse_page.add_sketch(parse_page.parse_page(record, source))
            )
        if isinstance(outcome, Article):
            return ShardEntry(capture=record, article=outcome)
        return ShardEntry(capture=record, reject=outcome)
    match parse_event(record):
        case Reject() as reject:
            return ShardEntry(reject=reject)
        case DiscoveredLinks() as links:
            return ShardEntry(discovered_links=links.discovered_links)
        case DiscoveryQuery() as query:
            return ShardEntry(discovery_query=query)
    return (
        ShardEntry(reject=_build_corrupt_reject(record, source, at))
        if isinstance(record, CorruptRecordError)
        else None
    )


def build_skipped_reject(capture: Capture) -> Reject:
    """Build the reject of a page at which every worker died."""
    return Reject(
        source=capture.source,
        url=capture.via_url or capture.requested_url or None,
        stage="parse",
        reason=Reason.PARSER_ERROR,
        message="the workers that read this page and its neighbours died",
        rejected_at=capture.fetched_at,
        capture_id=capture.capture_id,
    )


def build_batch(source: Source, entries: Iterable[ShardEntry]) -> Batch:
    """Build the batch of the entries, to load at once."""
    entries = tuple(entries)
    return Batch(
        source.slug,
        tuple(each.capture for each in entries if each.capture),
        tuple(each.article for each in entries if each.article),
        tuple(each.reject for each in entries if each.reject),
        discovered_links=tuple(link for each in entries for link in each.discovered_links),
        discovery_queries=tuple(each.discovery_query for each in entries if each.discovery_query),
    )


def drop_body(capture: Capture) -> Capture:
    """Return the capture without its page."""
    return replace(
        capture,
        payload=b"",
        body=b"",
        size=len(capture.body),
        sha256=hashlib.sha256(capture.body).hexdigest(),
    )


def _build_corrupt_reject(error: CorruptRecordError, source: Source, at: datetime) -> Reject:
    return Reject(
        source=source.slug,
        url=f"archive:{error.file}#{error.offset}",
        stage="parse",
        reason=Reason.ARCHIVE_CORRUPT,
        message=str(error),
        rejected_at=at,
    )


def parse_event(record: Capture | Note | CorruptRecordError | None) -> Event | None:
    """Return the event of a note, or None for another record and for a note of another newsetl."""
    try:
        return run_log.parse_note(record) if isinstance(record, Note) else None
    except (TypeError, ValueError, StopIteration):
        return None
