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
from newsetl.errors import ArchiveError, FetchError, HostUnavailableError
from newsetl.fetch.client import Client
from newsetl.model import Article, Capture, Reject, Window
from newsetl.pipeline import parse_page
from newsetl.pipeline.fetch_rejects import refusal
from newsetl.pipeline.run import Run
from newsetl.pipeline.summary import RunSummary
from newsetl.reasons import REJECT_POLICIES, Policy, Reason
from newsetl.sources import urls
from newsetl.sources.config import Source


@dataclass(slots=True)
class RetryResult:
    """What became of a source's refusals: articles from the archive or the network, refused again, left.

    `left` are listings, which the next ingest asks for anyway, damaged records, and pages that only
    another visit could mend where none was allowed.
    """

    source: str
    tried: int = 0
    from_archive: int = 0
    from_network: int = 0
    rejected: Counter[Reason] = field(default_factory=Counter)
    skipped: int = 0
    error: str | None = None
    findings: tuple[Finding, ...] = ()


def retry_rejects(
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    clock: Callable[[], datetime],
    contact: str | None = None,
    reason: Reason | None = None,
    since: date | None = None,
    is_network_allowed: bool = True,
    on_progress: Callable[[RetryResult], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> RetryResult:
    """Tries the open refusals of `source` again, of one `reason` or all, refused from the day `since` on.

    What is an article now is loaded, which resolves the refusal. A page whose reason has the policy
    "permanent" is visited again only if that reason was asked for. Raises ConfigError and WarehouseError.
    """
    warehouse.register_source(source)
    replayed, started_at = RetryResult(source.slug), clock()
    due = _select_due(warehouse.crawl_state.open_rejects(source.slug), source, reason, since, replayed)
    if not due:
        return replayed
    summary = RunSummary(source.slug)
    run = Run(
        source, warehouse, archive_folder, summary, kind="retry", window=Window(), started_at=started_at
    )
    with run.archive, ExitStack() as stack:
        client: Client | None = None
        run.start()
        try:
            for reject in due:
                capture = _read_stored(archive_folder, reject)
                is_page = capture is not None and 200 <= capture.status < 300 and capture.body
                outcome = parse_page.parse_page(capture, source) if capture and is_page else None
                if isinstance(outcome, Article):
                    replayed.from_archive += 1
                    run.add_outcome(outcome)
                elif is_network_allowed and _may_refetch(reject, source, requested_reason=reason):
                    client = client or stack.enter_context(Client(source, contact=contact, store=run.store))
                    replayed.from_network += _refetch(client, run, source, reject, capture, clock)
                elif isinstance(outcome, Reject) and reject.stage != "fetch":
                    run.add_outcome(outcome)
                else:
                    replayed.skipped += 1
                    continue
                replayed.tried += 1
                replayed.rejected = summary.rejected
                on_progress(replayed)
                if run.is_full:
                    run.load(client.take_requests() if client else ())
                if should_stop():
                    replayed.error = f"stopped after {replayed.tried} of {len(due)}"
                    break
        except (ArchiveError, HostUnavailableError) as error:
            replayed.error = str(error)
        summary.state, summary.error = "failed" if replayed.error else "completed", replayed.error
        summary.discovered = len(due)
        run.finish(client.take_requests() if client else (), clock())
        replayed.findings = summary.findings
    return replayed


def _select_due(
    found: tuple[OpenReject, ...],
    source: Source,
    reason: Reason | None,
    since: date | None,
    result: RetryResult,
) -> tuple[OpenReject, ...]:
    """One refusal an address, its newest; what cannot be replayed is counted in `to`."""
    due: dict[object, OpenReject] = {}
    for reject in found:
        is_early = since is not None and reject.rejected_at.astimezone(source.timezone).date() < since
        if is_early or (reason and reject.reason is not reason):
            continue
        if reject.stage == "discover" or reject.reason is Reason.ARCHIVE_CORRUPT:
            result.skipped += 1
        else:
            due[reject.url or reject.capture_id] = reject
    return tuple(due.values())


def _read_stored(archive_folder: Path, reject: OpenReject) -> Capture | None:
    if reject.file is None or reject.offset is None:
        return None
    try:
        return reader.read_capture(archive_folder, reject.file, reject.offset)
    except ArchiveError:
        return None


def _may_refetch(reject: OpenReject, source: Source, *, requested_reason: Reason | None) -> bool:
    """What an archive or a file gave has its place there for an address, and no site to ask."""
    is_given_up = (
        REJECT_POLICIES[reject.reason].policy is Policy.PERMANENT and requested_reason is not reject.reason
    )
    return reject.url is not None and urls.is_own(source, reject.url) and not is_given_up


def _refetch(
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
        outcome = parse_page.parse_page(client.get(reject.url, kind="article", link=link), source)
    except FetchError as error:
        run.record_reject(refusal(source, reject.url, error, clock()), error)
        return False
    run.add_outcome(outcome)
    return isinstance(outcome, Article)
