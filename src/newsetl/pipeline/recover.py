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
from newsetl.pipeline.shard_entries import ShardEntry
from newsetl.pipeline.shards import ArchiveRange
from newsetl.runtime import lock
from newsetl.runtime.data_folder import DataFolder
from newsetl.sources.config import Source


@dataclass(frozen=True, slots=True)
class RunLog:
    """What an archive file says of the run that wrote it. `rejected` are captures that were never read.

    `marks` cut the file in stretches of some hundred records: where each ends, how many records it has, and
    how many captures stand before its end.
    """

    start: RunStart
    end: RunEnd | None
    capture_ids: tuple[UUID, ...]
    rejected: frozenset[UUID]
    boundaries: tuple[tuple[int, int, int], ...] = ()

    def build_ranges(self, file: str, source: Source) -> Iterator[ArchiveRange]:
        """The stretches, with all that reading them needs."""
        start = first = 0
        for end, records, last in self.boundaries:
            rejected = self.rejected.intersection(self.capture_ids[first:last])
            at = self.start.started_at
            yield ArchiveRange(source, file, at, start, end, rejected=rejected, records=records)
            start, first = end, last


@dataclass(frozen=True, slots=True)
class RecoveredRun:
    """A run that had died, and what of its pages was not yet loaded."""

    source: str
    started_at: datetime
    captures: int = 0
    articles: int = 0
    rejects: int = 0


@contextmanager
def open_warehouse(
    folder: DataFolder,
    *,
    clock: Callable[[], datetime],
    declared: Iterable[Source] = (),
    lock_timeout: float = lock.DEFAULT_TIMEOUT,
    on_recovered: Callable[[RecoveredRun], None] = lambda _: None,
    on_publish_failure: Callable[[str], None] = lambda _: None,
    on_wait: Callable[[str], None] = lambda _: None,
) -> Iterator[Warehouse]:
    """The folder's warehouse, after what dead runs left has been loaded.

    The folder is held for this process alone; a lake is written from other folders meanwhile.

    What has not been published by the end is published then; `on_unpublished` is told why it could not be,
    `on_wait` who holds the folder if that is waited for.
    `declared` are sources that are not packaged. Raises WarehouseError if another newsetl does not let the
    folder go within `wait` seconds, and what `recover` raises.
    """
    with lock.hold_lock(folder.path, timeout=lock_timeout, on_wait=on_wait):
        publish.prepare_work_file(folder)
        with Warehouse(
            folder.warehouse, published=folder.published, data_dir_id=folder.load_folder_id(is_created=True)
        ) as warehouse:
            for found in recover_runs(warehouse, folder.archive, clock=clock, declared=tuple(declared)):
                on_recovered(found)
            yield warehouse
            if note := warehouse.publish(when="changed"):
                on_publish_failure(note)


def recover_runs(
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    clock: Callable[[], datetime],
    declared: tuple[Source, ...] = (),
) -> Iterator[RecoveredRun]:
    """Loads what is in files still open and not in the warehouse, closes them, and ends the runs' rows.

    Only for who holds the folder's lock: no run of the folder is alive then. Killed in the middle, it does
    the rest the next time. Raises ArchiveError, SourceError and WarehouseError.
    """
    for file in reader.list_open_files(archive_folder):
        if not reader.truncate_partial_record(archive_folder, file):
            continue
        if (log := read_run_log(archive_folder, file)) is None:
            reader.finalise_file(archive_folder, file)
            continue
        start = log.start
        source = run_log.load_run_source(start, declared)
        warehouse.register_source(source)
        if not warehouse.has_run(start.run_id):
            insert_run(warehouse, start)
        captures = articles = rejects = 0
        skip = warehouse.crawl_state.find_loaded_captures(log.capture_ids)
        for batch in iterate_batches(archive_folder, file, log, source, skip=skip):
            warehouse.load(batch, run_id=start.run_id)
            captures += len(batch.captures)
            articles += len(batch.articles)
            rejects += len(batch.rejects)
        end = log.end or RunEnd(
            "failed", len(log.capture_ids), 0, "died; what it had kept was loaded at the next start", clock()
        )
        if start.run_id in {run_id for run_id, _, _ in warehouse.running_runs()}:
            finish_run(warehouse, start, end)
        refresh_derived(warehouse, source.slug)
        warehouse.run_checks(
            source.slug, files=reader.list_files(archive_folder), checked_at=clock(), run_id=start.run_id
        )
        reader.finalise_file(archive_folder, file, () if log.end else (run_log.build_note(end),))
        yield RecoveredRun(source.slug, start.started_at, captures, articles, rejects)
    for run_id, slug, started_at in warehouse.running_runs():
        warehouse.finish_run(
            run_id,
            ended_at=clock(),
            state="failed",
            discovered=0,
            already_loaded=0,
            error="died before it kept anything",
        )
        yield RecoveredRun(slug, started_at)
    warehouse.update_search_and_duplicates()


def insert_run(warehouse: Warehouse, start: RunStart) -> None:
    """The run has a row."""
    warehouse.start_run(
        start.source,
        kind=start.kind,
        window=start.window,
        started_at=start.started_at,
        run_id=start.run_id,
        is_incremental=start.is_incremental,
    )


def finish_run(warehouse: Warehouse, start: RunStart, end: RunEnd) -> None:
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


def read_run_log(archive_folder: Path, file: str) -> RunLog | None:
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
    for record, place in reader.scan_records(archive_folder, file):
        records += 1
        if isinstance(record, Capture):
            first = first or record
            capture_ids.append(record.capture_id)
            weight += batch_size.get_memory_size(record)
        if records == shards.SHARD_RECORDS or weight >= shards.SHARD_BYTES:
            marks.append((place, records, len(capture_ids)))
            records = weight = 0
        match shard_entries.parse_event(record):
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
    return RunLog(start, end, tuple(capture_ids), frozenset(rejected), tuple(marks))


def iterate_batches(
    archive_folder: Path, file: str, log: RunLog, source: Source, *, skip: frozenset[UUID] = frozenset()
) -> Iterator[Batch]:
    """What the file's run would load, read by today's parser, without the captures in `skip`.

    They and the refusals before the last of them have been loaded.
    """
    last_loaded = max((place for place, held in enumerate(log.capture_ids) if held in skip), default=-1)
    place, weight, entries = -1, 0, list[ShardEntry]()
    for record in reader.iterate_records(archive_folder, file):
        if isinstance(record, Capture):
            place += 1
            if record.capture_id in skip:
                continue
            weight += batch_size.get_memory_size(record)
        entry = shard_entries.build_entry(record, source, rejected=log.rejected, at=log.start.started_at)
        if entry is None:
            continue
        if isinstance(record, Note) and (told := entry.reject):
            is_loaded = told.capture_id in skip if told.capture_id else place < last_loaded
            if is_loaded:
                continue
        entries.append(entry)
        if batch_size.is_batch_full(len(entries), weight):
            yield shard_entries.build_batch(source, entries)
            entries, weight = [], 0
    if entries:
        yield shard_entries.build_batch(source, entries)
