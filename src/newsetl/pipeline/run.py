"""One run of a source: its client, its batches and its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from newsetl._version import __version__
from newsetl.archive import reader, run_log
from newsetl.archive.reader import read_capture
from newsetl.archive.run_log import RunEnd
from newsetl.archive.writer import ArchiveWriter
from newsetl.db.checks import find_regressions
from newsetl.db.writer import Warehouse
from newsetl.errors import (
    ArchiveError,
    ConfigError,
    HostUnavailableError,
    PublishError,
    StageError,
    WarehouseError,
)
from newsetl.fetch.client import Client
from newsetl.model import (
    Article,
    Capture,
    DiscoveredLink,
    DiscoveryQuery,
    Link,
    Reject,
    Request,
    Validators,
    Window,
)
from newsetl.pipeline import batch_size, parse_page, run_rows
from newsetl.pipeline.fetch_rejects import build_reject, is_blocked
from newsetl.pipeline.parse_pool import ParsePool
from newsetl.pipeline.pending_batch import PendingBatch
from newsetl.pipeline.refresh import refresh_derived
from newsetl.pipeline.summary import RunSummary
from newsetl.reasons import Reason
from newsetl.sources.config import Source


class StopRequested(Exception):
    """Signal that the caller asked the run to stop, and the current page is finished."""


class Run:
    """Run of one source: its archive file, its row, and the batch for the next load."""

    def __init__(
        self,
        source: Source,
        warehouse: Warehouse,
        archive_folder: Path,
        summary: RunSummary,
        *,
        kind: str,
        window: Window,
        started_at: datetime,
        is_incremental: bool = False,
        workers: int = 1,
    ) -> None:
        self._source, self._warehouse, self._summary = source, warehouse, summary
        self._folder = archive_folder
        self._started = time.monotonic()
        self._start = run_log.build_run_start(
            source, uuid4(), kind=kind, window=window, started_at=started_at, is_incremental=is_incremental
        )
        self.run_id = self._start.run_id
        self.archive = ArchiveWriter(
            archive_folder,
            started_at=started_at,
            software=f"newsetl/{__version__}",
            first_note=run_log.build_note(self._start),
        )
        self._pending = PendingBatch(source.slug)
        self._unwritten_links: list[DiscoveredLink] = []
        self._loaded_at = self._started
        self.parse_pool = ParsePool(partial(parse_page.parse_pages, source), workers)

    @property
    def is_full(self) -> bool:
        """Return True once the pending batch should be loaded."""
        pending = self._pending
        outcomes = len(pending.articles) + len(pending.rejects) + self.parse_pool.pending
        pages = max(len(pending.captures), outcomes)
        return batch_size.is_batch_full(pages, pending.size_bytes) or batch_size.is_due(
            pages, time.monotonic() - self._loaded_at
        )

    def start(self) -> None:
        """Insert the run's row into the warehouse."""
        run_rows.insert_run(self._warehouse, self._start)

    def open_client(
        self,
        *,
        contact: str | None,
        should_stop: Callable[[], bool],
        validators: Mapping[str, Validators] | None = None,
    ) -> Client:
        """Return a client that archives every response.

        Requests of known listings, feeds and sitemaps, and of the URLs in `validators`, are conditional.
        Once `should_stop` returns True, raise StopRequested after the next response that is no article.
        Raise ConfigError.
        """

        def store(capture: Capture) -> Capture:
            stored = self.store(capture)
            if should_stop() and stored.kind != "article":
                raise StopRequested
            return stored

        return Client(
            self._source,
            contact=contact,
            store=store,
            validators=self._warehouse.crawl_state.get_validators(
                self._source.slug, now=self._start.started_at
            )
            | dict(validators or {}),
            load_stored=lambda page: read_capture(self._folder, page.file, page.offset),
            last_responses=self._warehouse.crawl_state.get_last_responses(now=self._start.started_at),
        )

    @contextmanager
    def finish_on_exit(self, client: Client, clock: Callable[[], datetime]) -> Iterator[None]:
        """Finish the run with the block: as completed, or as failed with the error that the block raises.

        ConfigError and WarehouseError propagate. A killed process leaves its run to `recover`.
        """
        summary = self._summary
        try:
            yield
        except StopRequested:
            summary.error = f"stopped after {summary.fetched} pages"
        except (StageError, ArchiveError, HostUnavailableError) as error:
            summary.error = str(error)
        except (ConfigError, WarehouseError):
            raise
        except Exception as error:  # a bug: load the fetched pages, and let other sources continue
            summary.error = f"internal error: {type(error).__name__}: {error}"
        summary.state = "failed" if summary.error else "completed"
        summary.notes = tuple(client.notes)
        summary.seconds = time.monotonic() - self._started
        self.finish(client.take_requests(), clock())

    def record_link(self, link: Link, days: tuple[date, date] | None, seen_at: datetime) -> None:
        """Record a discovered link, with the first and last possible day of its article if known."""
        self._unwritten_links.append(
            DiscoveredLink(
                link.source,
                link.url,
                link.method,
                link.section,
                link.title,
                days[1] if days else None,
                link.discovered_from,
                seen_at,
            )
        )
        if len(self._unwritten_links) >= batch_size.MIN_LOAD_PAGES:
            self._write_links()

    def record_queries(self, discovery_queries: Iterable[DiscoveryQuery]) -> None:
        """Record discovery queries whose links have all been fetched or rejected."""
        self._write_links()
        for query in discovery_queries:
            self.archive.write_note(run_log.build_note(query))
            self._pending.discovery_queries.append(query)

    def _write_links(self) -> None:
        if self._unwritten_links:
            links = tuple(
                replace(each, first_seen_at=self._unwritten_links[0].first_seen_at)
                for each in self._unwritten_links
            )
            self.archive.write_note(run_log.build_note(run_log.DiscoveredLinks.from_links(links)))
            self._pending.discovered_links += links
            self._unwritten_links = []

    def store(self, capture: Capture) -> Capture:
        """Write the capture to the archive and add it to the next batch."""
        stored = self.archive.store(capture)
        self.add_stored(stored)
        return stored

    def add_stored(self, capture: Capture) -> None:
        """Add a capture that is in the archive to the next batch."""
        self._pending.add_capture(capture)

    def parse(self, capture: Capture) -> None:
        """Parse the page, here or in a worker; outcomes are added in order."""
        self.parse_pool.submit(capture)
        self._collect_outcomes()

    def add_outcome(self, outcome: Article | Reject) -> None:
        """Add an outcome of `parse_page`, which the capture alone can reproduce."""
        self.parse_pool.add_outcome(outcome)
        self._collect_outcomes()

    def _collect_outcomes(self, *, max_pending: int | None = None) -> None:
        """Add the available outcomes. Wait until at most `max_pending` pages are still being parsed."""
        for outcome in self.parse_pool.collect(max_pending=max_pending):
            if isinstance(outcome, Reject):
                self._summary.rejected[outcome.reason] += 1
                self._summary.blocked += outcome.reason is Reason.BLOCKED_BY_WAF
            else:
                self._summary.articles += 1
            self._pending.add_outcome(outcome)

    def record_reject(self, reject: Reject, error: StageError) -> None:
        """Record a reject of fetching or discovery, which only a note in the archive can reproduce."""
        self.archive.write_note(run_log.build_note(reject))
        # `_collect_outcomes` counts WAF pages.
        self._summary.blocked += is_blocked(error) and reject.reason is not Reason.BLOCKED_BY_WAF
        self.add_outcome(reject)

    def record_listing_failure(self, url: str, error: StageError, at: datetime) -> None:
        """Record a listing, feed or sitemap that could not be fetched."""
        self._summary.failed_listings += 1
        self.record_reject(build_reject(self._source, url, error, at, is_listing=True), error)

    def load(self, requests: tuple[Request, ...] = (), *, is_last: bool = False) -> None:
        """Load the pending batch, after its archive file is synced to disk.

        Unless `is_last`, pages that are still being parsed stay for the next batch.
        """
        # The workers parse the last quarter while this process loads.
        self._collect_outcomes(max_pending=0 if is_last else len(self._pending.captures) // 4)
        self._write_links()
        self._pending.requests += requests
        batch, rest = self._pending.split(self.parse_pool.first_pending)
        self.archive.sync()
        loaded = self._warehouse.load(batch, run_id=self._start.run_id)
        self._pending = rest
        self._loaded_at = time.monotonic()
        self._summary.new += loaded.new
        self._summary.changed += loaded.changed
        self._summary.duplicate_urls += (
            len(batch.articles) - len(loaded.refused) - loaded.new - loaded.changed
        )
        self._summary.articles -= len(loaded.refused)
        self._summary.rejected.update(reject.reason for reject in (*loaded.refused, *loaded.redirected))
        if not is_last:
            with suppress(PublishError):  # `finish` publishes again and reports an error
                self._warehouse.publish(run_id=self.run_id, when="due")

    def finish(self, requests: tuple[Request, ...], ended_at: datetime) -> None:
        """Load the rest and finish the run, first in its archive file, then in the warehouse.

        A completed run becomes degraded if a field is missing more often in a week's articles than before.
        Then publish the warehouse; if that fails, add the error to the summary's notes.
        """
        summary = self._summary
        try:
            if self.archive.has_file:
                self.archive.write_note(run_log.build_note(self._build_run_end(ended_at)))
            self.load(requests, is_last=True)
            summary.findings = self._warehouse.run_checks(
                self._source.slug,
                files=reader.list_files(self._folder),
                checked_at=ended_at,
                run_id=self._start.run_id,
            )
            if summary.state == "completed" and find_regressions(summary.findings):
                summary.state = "degraded"
                if self.archive.has_file:
                    self.archive.write_note(run_log.build_note(self._build_run_end(ended_at)))
            self.archive.close()
        except ArchiveError as error:
            # Pages that may not be in the archive are not loaded; the next start recovers the rest.
            self.archive.abandon()
            summary.state, summary.error = "failed", summary.error or str(error)
        run_rows.finish_run(self._warehouse, self._start, self._build_run_end(ended_at))
        refresh_derived(self._warehouse, self._source.slug)
        try:
            self._warehouse.publish(run_id=self.run_id)
        except PublishError as error:
            summary.notes += (str(error),)

    def _build_run_end(self, ended_at: datetime) -> RunEnd:
        summary = self._summary
        return RunEnd(
            summary.state,
            summary.discovered,
            summary.already_loaded,
            summary.error,
            ended_at,
            summary.failed_listings,
        )
