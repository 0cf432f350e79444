"""Reparse of archived captures: first the changes field by field, then the load."""

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
from newsetl.db.records import StoredOutcome, StoredPage
from newsetl.db.writer import Warehouse
from newsetl.model import Article, Reject, Window
from newsetl.pipeline import shards
from newsetl.pipeline.run import Run
from newsetl.pipeline.runners import INLINE_RUNNER, ShardRunner
from newsetl.pipeline.shards import Shard
from newsetl.pipeline.summary import RunSummary
from newsetl.sources.config import Source

MAX_EXAMPLES = 2


@dataclass(slots=True)
class ReparseResult:
    """Changes that the current parser would make in `pages` parsed pages.

    `fields` counts the pages in which a field differs; `examples` has a few per field: URL, old value, new
    value. `new_articles` were rejected or unparsed before. `other_reasons` are rejects whose reason changes.
    `would_be_rejected` counts articles, by reason, that would be rejected now; they stay unchanged.
    `unreadable` captures are damaged in the archive. `pages_to_load` are the changed captures, `shards` have
    their outcomes, and `findings` are the results of the checks after the load. `failed` are shards that
    could not be parsed, with their errors; their pages stay unchanged.
    """

    source: str
    pages: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[str, Any, Any]]] = field(default_factory=dict)
    new_articles: int = 0
    other_reasons: int = 0
    would_be_rejected: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    pages_to_load: list[StoredPage] = field(default_factory=list)
    shards: list[Shard] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()


def find_changes(
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    window: Window | None = None,
    runner: ShardRunner = INLINE_RUNNER,
    on_progress: Callable[[ReparseResult], None] = lambda _: None,
) -> ReparseResult:
    """Parse the captures that were fetched in `window` again and return the changes. Load nothing.

    `runner` parses the archive in shards, which stay on disk until `load_changes`, or until nothing changes.
    """
    result = ReparseResult(source.slug)
    window = window or Window()
    selected = [
        page
        for page in warehouse.crawl_state.list_pages(source.slug)
        if window.overlaps(day := page.fetched_at.astimezone(source.timezone).date(), day)
    ]
    pages = {page.capture_id: page for page in selected}
    ranges = shards.build_page_ranges(
        source, ((page.file, page.offset, page.fetched_at) for page in selected)
    )
    for shard, error in runner.run(shards.build_shards(archive_folder, ranges)):
        if error is not None:
            result.failed.append(f"{shard}: {error}")
            continue
        outcomes = shards.load_outcomes(shard)
        result.unreadable += sum(each.records for each in shard.ranges) - len(outcomes)
        stored, count_before = warehouse.crawl_state.get_stored_outcomes(outcomes), len(result.pages_to_load)
        for capture_id, outcome in outcomes.items():
            result.pages += 1
            if _count_changes(result, stored[capture_id], outcome):
                result.pages_to_load.append(pages[capture_id])
            on_progress(result)
        if len(result.pages_to_load) > count_before:
            result.shards.append(shard)
    if not (result.pages_to_load or result.failed):
        shards.remove_shards(archive_folder)
    return result


def load_changes(
    result: ReparseResult,
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    window: Window | None = None,
    clock: Callable[[], datetime],
) -> UUID | None:
    """Load the changes of `find_changes`. Return the id of the run, None if there are no changes."""
    if not result.pages_to_load:
        return None
    warehouse.register_source(source)
    summary = RunSummary(
        source.slug, discovered=result.pages, already_loaded=result.pages - len(result.pages_to_load)
    )
    run = Run(
        source,
        warehouse,
        archive_folder,
        summary,
        kind="reparse",
        window=window or Window(),
        started_at=clock(),
    )
    due = {page.capture_id for page in result.pages_to_load}
    with run.archive:
        run.start()
        for shard in result.shards:
            for capture_id, outcome in shards.load_outcomes(shard).items():
                if capture_id in due:
                    run.add_outcome(outcome)
            if run.is_full:
                run.load()
        if result.failed:
            summary.error = f"{len(result.failed)} shards of the archive could not be read"
        summary.state = "failed" if result.failed else "completed"
        run.finish((), clock())
        result.findings = summary.findings
    if not result.failed:
        shards.remove_shards(archive_folder)
    return run.run_id


def _count_changes(result: ReparseResult, before: StoredOutcome, outcome: Article | Reject) -> bool:
    """Count the differences of one page. Return True if its outcome must be loaded."""
    if isinstance(outcome, Reject):
        if before.article_id is not None:
            result.would_be_rejected[outcome.reason.value] += 1
            return False
        # A page without an open reject was requested again since then; the later response decides.
        is_other = before.reason not in (None, outcome.reason)
        result.other_reasons += is_other
        return is_other
    if before.article_id is None:
        result.new_articles += 1
        return True
    old, new = (
        _get_stored_values(before),
        {name: arrow_tables.make_storable(value) for name, value in _get_parsed_values(outcome).items()},
    )
    # An older capture of an article gives the row no values, only its own teasers.
    differing = [name for name in new if name in old and old[name] != new[name]]
    for name in differing:
        result.fields[name] += 1
        if len(shown := result.examples.setdefault(name, [])) < MAX_EXAMPLES:
            shown.append((outcome.url or "", old[name], new[name]))
    is_revised = before.hashes != (outcome.title_hash, outcome.text_hash)
    result.fields["words"] += is_revised and not differing
    is_url_new = before.urls is not None and outcome.url not in (*before.urls, None)
    result.fields["url"] += is_url_new
    result.fields += Counter()  # removes fields with a count of 0
    return bool(differing) or is_revised or is_url_new


def _get_stored_values(before: StoredOutcome) -> dict[str, Any]:
    old = {name: value or [] if name in _LISTS else value for name, value in (before.article or {}).items()}
    return old | {"teasers": list(before.teasers or ())}


_LISTS = ("credits", "images")


def _get_parsed_values(article: Article) -> dict[str, Any]:
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
