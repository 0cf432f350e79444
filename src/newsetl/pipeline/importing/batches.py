"""Pages from elsewhere, batch by batch: archived, read by whoever has time, and loaded in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from newsetl.archive import run_log
from newsetl.db.writer import Warehouse
from newsetl.errors import FetchError
from newsetl.model import Article, Capture, Reject
from newsetl.pipeline import parse_page, shard_entries, shards
from newsetl.pipeline.fetch_rejects import refusal
from newsetl.pipeline.importing.captures import Found, Refused
from newsetl.pipeline.run import Run
from newsetl.pipeline.runners import AHEAD, Promise, Runner
from newsetl.pipeline.shards import Piece
from newsetl.pipeline.summary import Summary
from newsetl.sources.config import Source


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A page that was not held: its capture, if it has one, and what it is unless workers are to say it."""

    capture: Capture | None
    outcome: Article | Reject | None


@dataclass(frozen=True, slots=True)
class _Batch:
    pages: list[_Arrived]
    pieces: list[tuple[Piece, Promise]]


class Arrivals:
    """Those of one run. `failed` are pieces that could not be read, with the reason."""

    def __init__(
        self, run: Run, source: Source, warehouse: Warehouse, folder: Path, runner: Runner, summary: Summary
    ) -> None:
        self._run, self._source, self._warehouse, self._folder = run, source, warehouse, folder
        self._runner, self._summary = runner, summary
        self._waiting: deque[_Batch] = deque()
        self._archived: set[UUID] = set()
        self.failed: list[str] = []

    def take(
        self, batch: list[Found], on_progress: Callable[[], None], should_stop: Callable[[], bool]
    ) -> None:
        """Archives the pages that are not held, until it should stop. Raises ArchiveError."""
        held = self._warehouse.crawl_state.held_captures(
            capture.capture_id for capture in map(capture_of, batch) if capture
        )
        arrived: list[_Arrived] = []
        try:
            for page in batch:
                if found := self._archive(page, held):
                    arrived.append(found)
                on_progress()
                if should_stop():
                    break
        finally:
            # What is in the archive is loaded, whatever became of the page after it.
            self._waiting.append(self._handed_out(arrived))
        while len(self._waiting) > AHEAD * self._runner.width:
            self._load()

    def finish(self) -> None:
        """Loads what is left. Raises ArchiveError."""
        while self._waiting:
            self._load()

    def _archive(self, page: Found, held: frozenset[UUID]) -> _Arrived | None:
        capture = capture_of(page)
        self._summary.discovered += 1
        if capture is not None:
            if capture.capture_id in held or capture.capture_id in self._archived:
                self._summary.already_loaded += 1
                return None
            capture = self._run.archive.store(capture)
            self._archived.add(capture.capture_id)
        self._summary.fetched += 1
        if isinstance(page, Refused):
            error = FetchError(page.error.reason, str(page.error), capture)
            reject = refusal(self._source, page.via_url, error, page.at)
            self._run.archive.note(run_log.note_of(reject))
            return _Arrived(capture, reject)
        if capture is not None and self._runner.width:
            return _Arrived(shard_entries.emptied(capture), None)
        return _Arrived(capture, parse_page.read(capture, self._source) if capture else None)

    def _handed_out(self, arrived: list[_Arrived]) -> _Batch:
        unread = [page.capture for page in arrived if page.capture and page.outcome is None]
        places = ((each.file or "", each.offset or 0, each.fetched_at) for each in unread)
        wanted = shards.cut(self._folder, shards.pages(self._source, places))
        return _Batch(arrived, [(piece, self._runner.submit(piece)) for piece in wanted])

    def _load(self) -> None:
        batch = self._waiting[0]
        outcomes: dict[UUID, Article | Reject] = {}
        for piece, promise in batch.pieces:
            error = promise.result()
            if error is None:
                outcomes |= shards.outcomes(piece)
                piece.path.unlink(missing_ok=True)
            else:
                self.failed.append(f"{piece}: {error}")
        for page in batch.pages:
            if page.capture:
                self._run.had(page.capture)
            outcome = page.outcome
            if page.capture and outcome is None:
                outcome = outcomes.get(page.capture.capture_id) or shard_entries.given_up(page.capture)
            if outcome:
                self._run.take(outcome)
            if page.capture:
                self._archived.discard(page.capture.capture_id)
        self._waiting.popleft()
        self._run.load()


def capture_of(page: Found) -> Capture | None:
    """The page's capture, if there is one."""
    return page if isinstance(page, Capture) else page.error.capture
