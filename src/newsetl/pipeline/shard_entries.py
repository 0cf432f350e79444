"""Entries of a shard: captures with what was parsed from them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from newsetl.archive import run_log
from newsetl.archive.run_log import Announced, Event
from newsetl.archive.warc import Note
from newsetl.errors import DamageError
from newsetl.model import Announcement, Article, Asking, Batch, Capture, Reject
from newsetl.pipeline import parse_page
from newsetl.reasons import Reason
from newsetl.sources.config import Source


@dataclass(frozen=True, slots=True)
class Entry:
    """What one record comes to, in the segment of this number. The capture has no page."""

    segment: int = 0
    capture: Capture | None = None
    article: Article | None = None
    reject: Reject | None = None
    discovered_links: tuple[Announcement, ...] = ()
    asking: Asking | None = None


def entry(
    record: Capture | Note | DamageError,
    source: Source,
    *,
    rejected: frozenset[UUID],
    at: datetime,
    is_given_up: bool = False,
) -> Entry | None:
    """What the record comes to: its page read by today's parser, unless it was refused or is given up."""
    if isinstance(record, Capture):
        is_page = record.kind == "article" and 200 <= record.status < 300
        outcome: Article | Reject | None = None
        if is_page and record.capture_id not in rejected:
            outcome = (
                given_up(record) if is_given_up else parse_page.sketched(parse_page.read(record, source))
            )
        if isinstance(outcome, Article):
            return Entry(capture=record, article=outcome)
        return Entry(capture=record, reject=outcome)
    match event(record):
        case Reject() as reject:
            return Entry(reject=reject)
        case Announced() as announced:
            return Entry(discovered_links=announced.discovered_links)
        case Asking() as asking:
            return Entry(asking=asking)
    return Entry(reject=_damage(record, source, at)) if isinstance(record, DamageError) else None


def given_up(capture: Capture) -> Reject:
    """What is recorded of a page at which every worker died."""
    return Reject(
        source=capture.source,
        url=capture.via_url or capture.requested_url or None,
        stage="parse",
        reason=Reason.PARSER_ERROR,
        message="the workers that read this page and its neighbours died",
        rejected_at=capture.fetched_at,
        capture_id=capture.capture_id,
    )


def batch(source: Source, entries: Iterable[Entry]) -> Batch:
    """The entries as one load takes them."""
    entries = tuple(entries)
    return Batch(
        source.slug,
        tuple(each.capture for each in entries if each.capture),
        tuple(each.article for each in entries if each.article),
        tuple(each.reject for each in entries if each.reject),
        discovered_links=tuple(announcement for each in entries for announcement in each.discovered_links),
        discovery_queries=tuple(each.asking for each in entries if each.asking),
    )


def emptied(capture: Capture) -> Capture:
    """The capture without its page."""
    return replace(
        capture,
        payload=b"",
        body=b"",
        size=len(capture.body),
        sha256=hashlib.sha256(capture.body).hexdigest(),
    )


def _damage(error: DamageError, source: Source, at: datetime) -> Reject:
    return Reject(
        source=source.slug,
        url=f"archive:{error.file}#{error.offset}",
        stage="parse",
        reason=Reason.ARCHIVE_CORRUPT,
        message=str(error),
        rejected_at=at,
    )


def event(record: Capture | Note | DamageError | None) -> Event | None:
    """What a note says. None if it is none, or another newsetl's: the captures beside it are what counts."""
    try:
        return run_log.event_of(record) if isinstance(record, Note) else None
    except (TypeError, ValueError, StopIteration):
        return None
