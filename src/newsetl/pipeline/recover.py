"""Recovery of crashed runs, and the opening of a data directory for writing."""

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
from newsetl.errors import PublishError
from newsetl.model import NAMESPACE, Batch, Capture, Reject
from newsetl.pipeline import batch_size, run_rows, shard_entries, shards
from newsetl.pipeline.refresh import refresh_derived
from newsetl.pipeline.shard_entries import ShardEntry
from newsetl.pipeline.shards import ArchiveRange
from newsetl.runtime import lock
from newsetl.runtime.data_folder import DataFolder
from newsetl.sources.config import Source


@dataclass(frozen=True, slots=True)
class RunLog:
    """Run log of one archive file. `rejected` are captures that were rejected before parsing.

    `boundaries` divide the file into ranges of some hundred records. Each is a tuple of the range's end
    offset, its number of records, and the number of captures before its end.
    """

    start: RunStart
    end: RunEnd | None
    capture_ids: tuple[UUID, ...]
    rejected: frozenset[UUID]
    boundaries: tuple[tuple[int, int, int], ...] = ()

    def build_ranges(self, file: str, source: Source) -> Iterator[ArchiveRange]:
        """Yield the file's ranges, ready to be read by a worker."""
        start = first = 0
        for end, records, last in self.boundaries:
            rejected = self.rejected.intersection(self.capture_ids[first:last])
            at = self.start.started_at
            yield ArchiveRange(source, file, at, start, end, rejected=rejected, records=records)
            start, first = end, last


@dataclass(frozen=True, slots=True)
class RecoveredRun:
    """Crashed run, with the counts of its pages that were loaded at recovery."""

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
    """Lock the data directory, recover crashed runs, yield its warehouse and publish it at the end.

    The lock is on the directory; other directories may write to the same lake meanwhile. Call `on_recovered`
    for each recovered run, `on_publish_failure` with the error if publishing fails, and `on_wait` with the
    holder of the lock. `declared` are sources that are not packaged. Raise WarehouseError if the lock is not
    free after `lock_timeout` seconds, and the errors of `recover_runs`.
    """
    with lock.hold_lock(folder.path, timeout=lock_timeout, on_wait=on_wait):
        publish.prepare_work_file(folder)
        with Warehouse(
            folder.warehouse, published=folder.published, data_dir_id=folder.load_folder_id(is_created=True)
        ) as warehouse:
            for run in recover_runs(warehouse, folder.archive, clock=clock, declared=tuple(declared)):
                on_recovered(run)
            yield warehouse
            try:
                warehouse.publish(when="changed")
            except PublishError as error:
                on_publish_failure(str(error))


def recover_runs(
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    clock: Callable[[], datetime],
    declared: tuple[Source, ...] = (),
) -> Iterator[RecoveredRun]:
    """Load the missing records of open archive files, close the files and finish the runs' rows.

    The caller holds the directory's lock, so no run is active. After an interruption the next call does the
    rest. Raise ArchiveError, SourceError and WarehouseError.
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
            run_rows.insert_run(warehouse, start)
        captures = articles = rejects = 0
        skip = warehouse.crawl_state.find_loaded_captures(log.capture_ids)
        for batch in iterate_batches(archive_folder, file, log, source, skip=skip):
            warehouse.load(batch, run_id=start.run_id)
            captures += len(batch.captures)
            articles += len(batch.articles)
            rejects += len(batch.rejects)
        end = log.end or RunEnd(
            "failed",
            len(log.capture_ids),
            0,
            "process died; its archived pages were loaded at the next start",
            clock(),
        )
        if start.run_id in {run_id for run_id, _, _ in warehouse.list_running_runs()}:
            run_rows.finish_run(warehouse, start, end)
        refresh_derived(warehouse, source.slug)
        warehouse.run_checks(
            source.slug, files=reader.list_files(archive_folder), checked_at=clock(), run_id=start.run_id
        )
        reader.finalise_file(archive_folder, file, () if log.end else (run_log.build_note(end),))
        yield RecoveredRun(source.slug, start.started_at, captures, articles, rejects)
    for run_id, slug, started_at in warehouse.list_running_runs():
        warehouse.finish_run(
            run_id,
            ended_at=clock(),
            state="failed",
            discovered=0,
            already_loaded=0,
            error="process died before it archived a page",
        )
        yield RecoveredRun(slug, started_at)
    warehouse.update_search_and_duplicates()


def read_run_log(archive_folder: Path, file: str) -> RunLog | None:
    """Read an archive file's run log. A file without a run record gets a run of kind "recovery".

    Return None if the file has neither a run record nor a capture. Raise ArchiveError if it cannot be opened.
    """
    start: RunStart | None = None
    end: RunEnd | None = None
    capture_ids: list[UUID] = []
    rejected: set[UUID] = set()
    first: Capture | None = None
    boundaries: list[tuple[int, int, int]] = []
    records = size = offset = 0
    for record, offset in reader.scan_records(archive_folder, file):
        records += 1
        if isinstance(record, Capture):
            first = first or record
            capture_ids.append(record.capture_id)
            size += batch_size.get_memory_size(record)
        if records == shards.SHARD_RECORDS or size >= shards.SHARD_BYTES:
            boundaries.append((offset, records, len(capture_ids)))
            records = size = 0
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
        boundaries.append((offset, records, len(capture_ids)))
    return RunLog(start, end, tuple(capture_ids), frozenset(rejected), tuple(boundaries))


def iterate_batches(
    archive_folder: Path, file: str, log: RunLog, source: Source, *, skip: frozenset[UUID] = frozenset()
) -> Iterator[Batch]:
    """Parse an archive file and yield its batches without the captures in `skip`.

    The captures in `skip`, and the rejects before the last of them, are already loaded.
    """
    last_loaded = max((index for index, each in enumerate(log.capture_ids) if each in skip), default=-1)
    index, size, entries = -1, 0, list[ShardEntry]()
    for record in reader.iterate_records(archive_folder, file):
        if isinstance(record, Capture):
            index += 1
            if record.capture_id in skip:
                continue
            size += batch_size.get_memory_size(record)
        entry = shard_entries.build_entry(record, source, rejected=log.rejected, at=log.start.started_at)
        if entry is None:
            continue
        if isinstance(record, Note) and (reject := entry.reject):
            is_loaded = reject.capture_id in skip if reject.capture_id else index < last_loaded
            if is_loaded:
                continue
        entries.append(entry)
        if batch_size.is_batch_full(len(entries), size):
            yield shard_entries.build_batch(source, entries)
            entries, size = [], 0
    if entries:
        yield shard_entries.build_batch(source, entries)
