"""Retry of rejected pages: from the archive, else with another request."""

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
from newsetl.pipeline.fetch_rejects import build_reject
from newsetl.pipeline.run import Run
from newsetl.pipeline.summary import RunSummary
from newsetl.reasons import REJECT_POLICIES, Policy, Reason
from newsetl.sources import urls
from newsetl.sources.config import Source


@dataclass(slots=True)
class RetryResult:
    """Results of a retry of one source's rejects.

    `from_archive` and `from_network` are rejects that are articles now. `skipped` are listings, which the
    next ingest requests anyway, damaged records, and pages that need a request where none is allowed.
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
    """Retry the open rejects of `source`, all or of one `reason`, from the day `since` on.

    A page that is an article now is loaded, which resolves its reject. A page whose reason has the policy
    "permanent" is requested only if `reason` names it. Raise ConfigError and WarehouseError.
    """
    warehouse.register_source(source)
    result, started_at = RetryResult(source.slug), clock()
    due = _select_due(warehouse.crawl_state.list_open_rejects(source.slug), source, reason, since, result)
    if not due:
        return result
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
                    result.from_archive += 1
                    run.add_outcome(outcome)
                elif is_network_allowed and _may_refetch(reject, source, requested_reason=reason):
                    client = client or stack.enter_context(Client(source, contact=contact, store=run.store))
                    result.from_network += _refetch(client, run, source, reject, capture, clock)
                elif isinstance(outcome, Reject) and reject.stage != "fetch":
                    run.add_outcome(outcome)
                else:
                    result.skipped += 1
                    continue
                result.tried += 1
                result.rejected = summary.rejected
                on_progress(result)
                if run.is_full:
                    run.load(client.take_requests() if client else ())
                if should_stop():
                    result.error = f"stopped after {result.tried} of {len(due)}"
                    break
        except (ArchiveError, HostUnavailableError) as error:
            result.error = str(error)
        summary.state, summary.error = "failed" if result.error else "completed", result.error
        summary.discovered = len(due)
        run.finish(client.take_requests() if client else (), clock())
        result.findings = summary.findings
    return result


def _select_due(
    open_rejects: tuple[OpenReject, ...],
    source: Source,
    reason: Reason | None,
    since: date | None,
    result: RetryResult,
) -> tuple[OpenReject, ...]:
    """Return the newest reject of each URL. Count those that cannot be retried in `result`."""
    due: dict[object, OpenReject] = {}
    for reject in open_rejects:
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
    """Return True if the URL is the site's own, not a place in an imported file, and its policy allows it."""
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
    """Request the page again. Return True if it is an article now."""
    assert reject.url is not None
    try:
        link = stored.link if stored else None
        outcome = parse_page.parse_page(client.get(reject.url, kind="article", link=link), source)
    except FetchError as error:
        run.record_reject(build_reject(source, reject.url, error, clock()), error)
        return False
    run.add_outcome(outcome)
    return isinstance(outcome, Article)
