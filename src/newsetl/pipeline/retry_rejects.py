"""Refused pages tried again: today's parser over what the archive has, else another visit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from newsetl.archive import reader
from newsetl.db.checks import Finding
from newsetl.db.records import OpenReject
from newsetl.db.writer import Warehouse
from newsetl.errors import ArchiveError, FetchError, HostError
from newsetl.fetch.client import Client
from newsetl.model import Article, Capture, Reject, Window
from newsetl.pipeline import parse_page
from newsetl.pipeline.fetch_rejects import refusal
from newsetl.pipeline.run import Run
from newsetl.pipeline.summary import Summary
from newsetl.reasons import REFUSALS, Policy, Reason
from newsetl.sources import urls
from newsetl.sources.config import Source


@dataclass(slots=True)
class Replayed:
    """What became of a source's refusals: articles from the archive or the network, refused again, left.

    `left` are listings, which the next ingest asks for anyway, damaged records, and pages that only
    another visit could mend where none was allowed.
    """

    source: str
    tried: int = 0
    from_archive: int = 0
    from_network: int = 0
    rejected: Counter[Reason] = field(default_factory=Counter)
    left: int = 0
    error: str | None = None
    findings: tuple[Finding, ...] = ()


def replay(
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    clock: Callable[[], datetime],
    contact: str | None = None,
    reason: Reason | None = None,
    since: date | None = None,
    is_network_allowed: bool = True,
    on_progress: Callable[[Replayed], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Replayed:
    """Tries the open refusals of `source` again, of one `reason` or all, refused from the day `since` on.

    What is an article now is loaded, which resolves the refusal. A page whose reason has the policy
    "permanent" is visited again only if that reason was asked for. Raises ConfigError and WarehouseError.
    """
    warehouse.register_source(source)
    replayed, started_at = Replayed(source.slug), clock()
    due = _due(warehouse.crawl_state.open_rejects(source.slug), source, reason, since, replayed)
    if not due:
        return replayed
    summary = Summary(source.slug)
    run = Run(
        source, warehouse, archive_folder, summary, kind="retry", window=Window(), started_at=started_at
    )
    with run.archive, ExitStack() as stack:
        client: Client | None = None
        run.start()
        try:
            for reject in due:
                capture = _stored(archive_folder, reject)
                is_page = capture is not None and 200 <= capture.status < 300 and capture.body
                outcome = parse_page.read(capture, source) if capture and is_page else None
                if isinstance(outcome, Article):
                    replayed.from_archive += 1
                    run.take(outcome)
                elif is_network_allowed and _is_worth_a_visit(reject, source, asked_for=reason):
                    client = client or stack.enter_context(Client(source, contact=contact, keep=run.keep))
                    replayed.from_network += _visit(client, run, source, reject, capture, clock)
                elif isinstance(outcome, Reject) and reject.stage != "fetch":
                    run.take(outcome)
                else:
                    replayed.left += 1
                    continue
                replayed.tried += 1
                replayed.rejected = summary.rejected
                on_progress(replayed)
                if run.is_full:
                    run.load(client.take_requests() if client else ())
                if should_stop():
                    replayed.error = f"stopped after {replayed.tried} of {len(due)}"
                    break
        except (ArchiveError, HostError) as error:
            replayed.error = str(error)
        summary.state, summary.error = "failed" if replayed.error else "completed", replayed.error
        summary.discovered = len(due)
        run.end(client.take_requests() if client else (), clock())
        replayed.findings = summary.findings
    return replayed


def _due(
    found: tuple[OpenReject, ...], source: Source, reason: Reason | None, since: date | None, to: Replayed
) -> tuple[OpenReject, ...]:
    """One refusal an address, its newest; what cannot be replayed is counted in `to`."""
    due: dict[object, OpenReject] = {}
    for reject in found:
        is_early = since is not None and reject.rejected_at.astimezone(source.timezone).date() < since
        if is_early or (reason and reject.reason is not reason):
            continue
        if reject.stage == "discover" or reject.reason is Reason.ARCHIVE_CORRUPT:
            to.left += 1
        else:
            due[reject.url or reject.capture_id] = reject
    return tuple(due.values())


def _stored(archive_folder: Path, reject: OpenReject) -> Capture | None:
    if reject.file is None or reject.offset is None:
        return None
    try:
        return reader.read(archive_folder, reject.file, reject.offset)
    except ArchiveError:
        return None


def _is_worth_a_visit(reject: OpenReject, source: Source, *, asked_for: Reason | None) -> bool:
    """What an archive or a file gave has its place there for an address, and no site to ask."""
    is_given_up = REFUSALS[reject.reason].policy is Policy.PERMANENT and asked_for is not reject.reason
    return reject.url is not None and urls.is_own(source, reject.url) and not is_given_up


def _visit(
    client: Client,
    run: Run,
    source: Source,
    reject: OpenReject,
    stored: Capture | None,
    clock: Callable[[], datetime],
) -> bool:
    """Asks for the page once more; True if it is an article now."""
    assert reject.url is not None
    try:
        link = stored.link if stored else None
        outcome = parse_page.read(client.get(reject.url, why="article", link=link), source)
    except FetchError as error:
        run.refuse(refusal(source, reject.url, error, clock()), error)
        return False
    run.take(outcome)
    return isinstance(outcome, Article)
