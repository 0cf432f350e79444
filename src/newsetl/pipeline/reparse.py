"""Today's parser over stored captures: first what would change, field by field, then the load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from newsetl.db import arrow_tables
from newsetl.db.checks import Finding
from newsetl.db.records import Page, Reading
from newsetl.db.writer import Warehouse
from newsetl.model import Article, Reject, Window
from newsetl.pipeline import shards
from newsetl.pipeline.run import Run
from newsetl.pipeline.runners import HERE, Runner
from newsetl.pipeline.shards import Piece
from newsetl.pipeline.summary import Summary
from newsetl.sources.config import Source

EXAMPLES = 2


@dataclass(slots=True)
class Changes:
    """What today's parser would change, of `pages` read.

    `fields` counts the pages in which a field differs, `examples` has a few of each: address, old value,
    new one. `found` were refused or unread and are articles now; `refused_otherwise` are refused for another
    reason; `lost` are articles that would be refused now, by reason: they stay as they are. `unreadable`
    captures are damaged in the archive. `due` are the captures to load, `pieces` hold what was read from
    them, `findings` are those of the checks once they were loaded. `failed` pieces could not be made, with
    the reason: their pages stay as they are.
    """

    source: str
    pages: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[str, Any, Any]]] = field(default_factory=dict)
    found: int = 0
    refused_otherwise: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    due: list[Page] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()


def changes(
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    window: Window | None = None,
    runner: Runner = HERE,
    on_progress: Callable[[Changes], None] = lambda _: None,
) -> Changes:
    """What reading again would change in captures that were fetched in `window`. Changes nothing.

    The archive is read in pieces, by `runner`. They stay until they are loaded, or until nothing is due.
    """
    made = Changes(source.slug)
    window = window or Window()
    found = [
        page
        for page in warehouse.crawl_state.pages(source.slug)
        if window.has(day := page.fetched_at.astimezone(source.timezone).date(), day)
    ]
    pages = {page.capture_id: page for page in found}
    wanted = shards.pages(source, ((page.file, page.offset, page.fetched_at) for page in found))
    for piece, error in runner.made(shards.cut(archive_folder, wanted)):
        if error is not None:
            made.failed.append(f"{piece}: {error}")
            continue
        read = shards.outcomes(piece)
        made.unreadable += sum(segment.records for segment in piece.segments) - len(read)
        before, due = warehouse.crawl_state.readings(read), len(made.due)
        for capture_id, outcome in read.items():
            made.pages += 1
            if _note(made, before[capture_id], outcome):
                made.due.append(pages[capture_id])
            on_progress(made)
        if len(made.due) > due:
            made.pieces.append(piece)
    if not (made.due or made.failed):
        shards.clear(archive_folder)
    return made


def apply(
    made: Changes,
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    window: Window | None = None,
    clock: Callable[[], datetime],
) -> UUID | None:
    """Loads what `changes` found; the run that did it, None if there was nothing."""
    if not made.due:
        return None
    warehouse.register_source(source)
    summary = Summary(source.slug, discovered=made.pages, already_loaded=made.pages - len(made.due))
    run = Run(
        source,
        warehouse,
        archive_folder,
        summary,
        kind="reparse",
        window=window or Window(),
        started_at=clock(),
    )
    due = {page.capture_id for page in made.due}
    with run.archive:
        run.start()
        for piece in made.pieces:
            for capture_id, outcome in shards.outcomes(piece).items():
                if capture_id in due:
                    run.take(outcome)
            if run.is_full:
                run.load()
        if made.failed:
            summary.error = f"{len(made.failed)} pieces of the archive could not be read"
        summary.state = "failed" if made.failed else "completed"
        run.end((), clock())
        made.findings = summary.findings
    if not made.failed:
        shards.clear(archive_folder)
    return run.run_id


def _note(made: Changes, before: Reading, outcome: Article | Reject) -> bool:
    """Counts what differs; True if it is to be loaded."""
    if isinstance(outcome, Reject):
        if before.article_id is not None:
            made.lost[outcome.reason.value] += 1
            return False
        # Without an open refusal of its own the page was visited again since, and that visit decides.
        is_other = before.reason not in (None, outcome.reason)
        made.refused_otherwise += is_other
        return is_other
    if before.article_id is None:
        made.found += 1
        return True
    old, new = _old(before), {name: arrow_tables.storable(value) for name, value in _new(outcome).items()}
    # A page that is not its article's newest gives the row no values, only its own teasers.
    differing = [name for name in new if name in old and old[name] != new[name]]
    for name in differing:
        made.fields[name] += 1
        if len(shown := made.examples.setdefault(name, [])) < EXAMPLES:
            shown.append((outcome.url or "", old[name], new[name]))
    is_revised = before.hashes != (outcome.title_hash, outcome.text_hash)
    made.fields["words"] += is_revised and not differing
    is_elsewhere = before.urls is not None and outcome.url not in (*before.urls, None)
    made.fields["url"] += is_elsewhere
    made.fields += Counter()  # drops what was counted 0 times
    return bool(differing) or is_revised or is_elsewhere


def _old(before: Reading) -> dict[str, Any]:
    old = {name: value or [] if name in _LISTS else value for name, value in (before.article or {}).items()}
    return old | {"teasers": list(before.teasers or ())}


_LISTS = ("credits", "images")


def _new(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "section": article.section,
        "agency": article.agency,
        "published_at": article.published_at,
        "published_raw": article.published_raw,
        "published_precision": article.published_precision,
        "lead": article.lead,
        "text": article.text,
        "language": article.language,
        "found": article.found,
        "credits": [
            [credit.role, credit.name, credit.kind]
            for credit in sorted(article.credits, key=lambda credit: (credit.role, credit.position))
        ],
        "images": [[image.url, image.caption, image.credit] for image in article.images],
        "teasers": [[teaser.title, teaser.summary, teaser.url] for teaser in article.teasers],
    }
