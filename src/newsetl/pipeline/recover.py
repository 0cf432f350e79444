"""What a dead run left behind is loaded at the next start; a folder is opened for writing here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid5

from newsetl.archive import reader, run_log
from newsetl.archive.run_log import RunEnd, RunStart
from newsetl.archive.warc import Note
from newsetl.db import publish
from newsetl.db.writer import Warehouse
from newsetl.model import NAMESPACE, Batch, Capture, Reject
from newsetl.pipeline import batch_size, shard_entries, shards
from newsetl.pipeline.refresh import refresh_derived
from newsetl.pipeline.shard_entries import Entry
from newsetl.pipeline.shards import Segment
from newsetl.runtime import lock
from newsetl.runtime.data_folder import DataFolder
from newsetl.sources.config import Source


@dataclass(frozen=True, slots=True)
class Logbook:
    """What an archive file says of the run that wrote it. `rejected` are captures that were never read.

    `marks` cut the file in stretches of some hundred records: where each ends, how many records it has, and
    how many captures stand before its end.
    """

    start: RunStart
    end: RunEnd | None
    capture_ids: tuple[UUID, ...]
    rejected: frozenset[UUID]
    marks: tuple[tuple[int, int, int], ...] = ()

    def segments(self, file: str, source: Source) -> Iterator[Segment]:
        """The stretches, with all that reading them needs."""
        start = first = 0
        for end, records, last in self.marks:
            rejected = self.rejected.intersection(self.capture_ids[first:last])
            at = self.start.started_at
            yield Segment(source, file, at, start, end, rejected=rejected, records=records)
            start, first = end, last


@dataclass(frozen=True, slots=True)
class Recovered:
    """A run that had died, and what of its pages was not yet loaded."""

    source: str
    started_at: datetime
    captures: int = 0
    articles: int = 0
    rejects: int = 0


@contextmanager
def opened(
    folder: DataFolder,
    *,
    clock: Callable[[], datetime],
    declared: Iterable[Source] = (),
    wait: float = lock.WAIT,
    on_recovered: Callable[[Recovered], None] = lambda _: None,
    on_unpublished: Callable[[str], None] = lambda _: None,
    on_wait: Callable[[str], None] = lambda _: None,
) -> Iterator[Warehouse]:
    """The folder's warehouse, after what dead runs left has been loaded.

    The folder is held for this process alone; a lake is written from other folders meanwhile.

    What has not been published by the end is published then; `on_unpublished` is told why it could not be,
    `on_wait` who holds the folder if that is waited for.
    `declared` are sources that are not packaged. Raises WarehouseError if another newsetl does not let the
    folder go within `wait` seconds, and what `recover` raises.
    """
    with lock.held(folder.path, wait=wait, on_wait=on_wait):
        publish.prepare(folder)
        with Warehouse(
            folder.warehouse, published=folder.published, data_dir_id=folder.identity(is_made=True)
        ) as warehouse:
            for found in recover(warehouse, folder.archive, clock=clock, declared=tuple(declared)):
                on_recovered(found)
            yield warehouse
            if note := warehouse.publish(when="changed"):
                on_unpublished(note)


def recover(
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    clock: Callable[[], datetime],
    declared: tuple[Source, ...] = (),
) -> Iterator[Recovered]:
    """Loads what is in files still open and not in the warehouse, closes them, and ends the runs' rows.

    Only for who holds the folder's lock: no run of the folder is alive then. Killed in the middle, it does
    the rest the next time. Raises ArchiveError, SourceError and WarehouseError.
    """
    for file in reader.open_files(archive_folder):
        if not reader.cut(archive_folder, file):
            continue
        if (log := logbook(archive_folder, file)) is None:
            reader.seal(archive_folder, file)
            continue
        start = log.start
        source = run_log.source_of(start, declared)
        warehouse.register_source(source)
        if not warehouse.has_run(start.run_id):
            begin(warehouse, start)
        captures = articles = rejects = 0
        skip = warehouse.crawl_state.held_captures(log.capture_ids)
        for batch in batches(archive_folder, file, log, source, skip=skip):
            warehouse.load(batch, run_id=start.run_id)
            captures += len(batch.captures)
            articles += len(batch.articles)
            rejects += len(batch.rejects)
        end = log.end or RunEnd(
            "failed", len(log.capture_ids), 0, "died; what it had kept was loaded at the next start", clock()
        )
        if start.run_id in {run_id for run_id, _, _ in warehouse.running_runs()}:
            finish(warehouse, start, end)
        refresh_derived(warehouse, source.slug)
        warehouse.examine(
            source.slug, files=reader.files(archive_folder), checked_at=clock(), run_id=start.run_id
        )
        reader.seal(archive_folder, file, () if log.end else (run_log.note_of(end),))
        yield Recovered(source.slug, start.started_at, captures, articles, rejects)
    for run_id, slug, started_at in warehouse.running_runs():
        warehouse.finish_run(
            run_id,
            ended_at=clock(),
            state="failed",
            discovered=0,
            already_loaded=0,
            error="died before it kept anything",
        )
        yield Recovered(slug, started_at)
    warehouse.update_search_and_duplicates()


def begin(warehouse: Warehouse, start: RunStart) -> None:
    """The run has a row."""
    warehouse.start_run(
        start.source,
        kind=start.kind,
        window=start.window,
        started_at=start.started_at,
        run_id=start.run_id,
        is_incremental=start.is_incremental,
    )


def finish(warehouse: Warehouse, start: RunStart, end: RunEnd) -> None:
    """The run's row says how it ended."""
    warehouse.finish_run(
        start.run_id,
        ended_at=end.ended_at,
        state=end.state,
        discovered=end.discovered,
        already_loaded=end.already_loaded,
        failed_listings=end.failed_listings,
        error=end.error,
    )


def logbook(archive_folder: Path, file: str) -> Logbook | None:
    """What the file says of its run; one that says nothing is of a run of kind "recovery".

    None if it has neither a run's note nor a capture. Raises ArchiveError if it cannot be opened.
    """
    start: RunStart | None = None
    end: RunEnd | None = None
    capture_ids: list[UUID] = []
    rejected: set[UUID] = set()
    first: Capture | None = None
    marks: list[tuple[int, int, int]] = []
    records = weight = place = 0
    for record, place in reader.scanned(archive_folder, file):
        records += 1
        if isinstance(record, Capture):
            first = first or record
            capture_ids.append(record.capture_id)
            weight += batch_size.weight(record)
        if records == shards.RECORDS or weight >= shards.BYTES:
            marks.append((place, records, len(capture_ids)))
            records = weight = 0
        match shard_entries.event(record):
            case RunStart() as event:
                start = start or event
            case RunEnd() as event:
                end = event
            case Reject(capture_id=UUID() as capture_id):
                rejected.add(capture_id)
    if start is None:
        if first is None:
            return None
        start = RunStart(uuid5(NAMESPACE, file), first.source, "recovery", None, None, first.fetched_at)
    if records:
        marks.append((place, records, len(capture_ids)))
    return Logbook(start, end, tuple(capture_ids), frozenset(rejected), tuple(marks))


def batches(
    archive_folder: Path, file: str, log: Logbook, source: Source, *, skip: frozenset[UUID] = frozenset()
) -> Iterator[Batch]:
    """What the file's run would load, read by today's parser, without the captures in `skip`.

    They and the refusals before the last of them have been loaded.
    """
    last_loaded = max((place for place, held in enumerate(log.capture_ids) if held in skip), default=-1)
    place, weight, entries = -1, 0, list[Entry]()
    for record in reader.records(archive_folder, file):
        if isinstance(record, Capture):
            place += 1
            if record.capture_id in skip:
                continue
            weight += batch_size.weight(record)
        entry = shard_entries.entry(record, source, rejected=log.rejected, at=log.start.started_at)
        if entry is None:
            continue
        if isinstance(record, Note) and (told := entry.reject):
            is_loaded = told.capture_id in skip if told.capture_id else place < last_loaded
            if is_loaded:
                continue
        entries.append(entry)
        if batch_size.is_full(len(entries), weight):
            yield shard_entries.batch(source, entries)
            entries, weight = [], 0
    if entries:
        yield shard_entries.batch(source, entries)
