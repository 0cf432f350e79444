"""Batches of an import: archive the pages, parse them in workers and load them in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from newsetl.archive import run_log
from newsetl.db.writer import Warehouse
from newsetl.errors import FetchError, ShardError
from newsetl.model import Article, Capture, Reject
from newsetl.pipeline import parse_page, shard_entries, shards
from newsetl.pipeline.fetch_rejects import build_reject
from newsetl.pipeline.importing.captures import ImportedItem, ImportFailure
from newsetl.pipeline.run import Run
from newsetl.pipeline.runners import QUEUED_PER_WORKER, PendingShard, ShardRunner
from newsetl.pipeline.shards import Shard
from newsetl.pipeline.summary import RunSummary
from newsetl.sources.config import Source


@dataclass(frozen=True, slots=True)
class _ImportedPage:
    """New page: its capture, if any, and its outcome unless a worker parses it."""

    capture: Capture | None
    outcome: Article | Reject | None


@dataclass(frozen=True, slots=True)
class _PendingBatch:
    pages: list[_ImportedPage]
    shards: list[tuple[Shard, PendingShard]]


class BatchImporter:
    """Importer of one run's batches. `failed` are shards that could not be parsed, with their errors."""

    def __init__(
        self,
        run: Run,
        source: Source,
        warehouse: Warehouse,
        folder: Path,
        runner: ShardRunner,
        summary: RunSummary,
    ) -> None:
        self._run, self._source, self._warehouse, self._folder = run, source, warehouse, folder
        self._runner, self._summary = runner, summary
        self._pending: deque[_PendingBatch] = deque()
        self._archived_ids: set[UUID] = set()
        self.failed: list[str] = []

    def add_batch(
        self, batch: list[ImportedItem], on_progress: Callable[[], None], should_stop: Callable[[], bool]
    ) -> None:
        """Archive the pages that are not loaded, until `should_stop` returns True. Raise ArchiveError."""
        loaded_ids = self._warehouse.crawl_state.find_loaded_captures(
            capture.capture_id for capture in map(get_capture, batch) if capture
        )
        archived: list[_ImportedPage] = []
        try:
            for page in batch:
                if imported := self._archive(page, loaded_ids):
                    archived.append(imported)
                on_progress()
                if should_stop():
                    break
        finally:
            # Pages in the archive are loaded, also if the next page fails.
            self._pending.append(self._submit(archived))
        while len(self._pending) > QUEUED_PER_WORKER * self._runner.worker_count:
            self._load()

    def finish(self) -> None:
        """Load the remaining batches. Raise ArchiveError."""
        while self._pending:
            self._load()

    def _archive(self, page: ImportedItem, loaded_ids: frozenset[UUID]) -> _ImportedPage | None:
        capture = get_capture(page)
        self._summary.discovered += 1
        if capture is not None:
            if capture.capture_id in loaded_ids or capture.capture_id in self._archived_ids:
                self._summary.already_loaded += 1
                return None
            capture = self._run.archive.store(capture)
            self._archived_ids.add(capture.capture_id)
        self._summary.fetched += 1
        if isinstance(page, ImportFailure):
            error = FetchError(page.error.reason, str(page.error), capture)
            reject = build_reject(self._source, page.via_url, error, page.at)
            self._run.archive.write_note(run_log.build_note(reject))
            return _ImportedPage(capture, reject)
        if capture is not None and self._runner.worker_count:
            return _ImportedPage(shard_entries.drop_body(capture), None)
        return _ImportedPage(capture, parse_page.parse_page(capture, self._source) if capture else None)

    def _submit(self, pages: list[_ImportedPage]) -> _PendingBatch:
        unparsed = [page.capture for page in pages if page.capture and page.outcome is None]
        places = ((each.file or "", each.offset or 0, each.fetched_at) for each in unparsed)
        due = shards.build_shards(self._folder, shards.build_page_ranges(self._source, places))
        return _PendingBatch(pages, [(shard, self._runner.submit(shard)) for shard in due])

    def _load(self) -> None:
        batch = self._pending[0]
        outcomes: dict[UUID, Article | Reject] = {}
        for shard, pending in batch.shards:
            try:
                pending.result()
            except ShardError as error:
                self.failed.append(f"{shard}: {error}")
            else:
                outcomes |= shards.load_outcomes(shard)
                shard.path.unlink(missing_ok=True)
        for page in batch.pages:
            if page.capture:
                self._run.add_stored(page.capture)
            outcome = page.outcome
            if page.capture and outcome is None:
                outcome = outcomes.get(page.capture.capture_id) or shard_entries.build_skipped_reject(
                    page.capture
                )
            if outcome:
                self._run.add_outcome(outcome)
            if page.capture:
                self._archived_ids.discard(page.capture.capture_id)
        self._pending.popleft()
        self._run.load()


def get_capture(page: ImportedItem) -> Capture | None:
    """Return the page's capture, None if it has none."""
    return page if isinstance(page, Capture) else page.error.capture
