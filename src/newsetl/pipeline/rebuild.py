"""A new warehouse from the archive alone, written beside the old one and put in its place whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from newsetl.archive import reader, run_log
from newsetl.archive.run_log import RunEnd
from newsetl.db import compare, connection, publish
from newsetl.db.checks import Finding
from newsetl.db.writer import Warehouse
from newsetl.errors import ArchiveError, ConfigError, WarehouseError
from newsetl.pipeline import recover, shard_entries, shards
from newsetl.pipeline.recover import RunLog
from newsetl.pipeline.refresh import refresh_derived
from newsetl.pipeline.runners import INLINE_RUNNER, ShardRunner
from newsetl.pipeline.shard_entries import ShardEntry
from newsetl.pipeline.shards import ArchiveRange, Shard
from newsetl.runtime import lock
from newsetl.runtime.data_folder import DataFolder
from newsetl.sources.config import Source


@dataclass(slots=True)
class RebuildResult:
    """What is in the new warehouse so far. `captures_known` is how many the archive has.

    `unreadable` are archive files in which nothing was found. `different` are the tables that do not hold
    what they held, None if there was no warehouse to compare; `findings` are the checks', source by source.
    `failed` are pieces of the archive that could not be read, with the reason; if `is_kept`, the old
    warehouse is still there because of them.
    """

    captures_total: int
    unreadable: tuple[str, ...] = ()
    captures: int = 0
    articles: int = 0
    rejects: int = 0
    runs: int = 0
    differing_tables: tuple[str, ...] | None = None
    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    note: str | None = None
    failed: list[str] = field(default_factory=list)
    is_old_kept: bool = False


def rebuild(
    folder: DataFolder,
    *,
    clock: Callable[[], datetime],
    declared: Iterable[Source] = (),
    is_forced: bool = False,
    runner: ShardRunner = INLINE_RUNNER,
    wait: float = lock.DEFAULT_TIMEOUT,
    on_progress: Callable[[RebuildResult], None] = lambda _: None,
) -> RebuildResult:
    """Reads every capture of the archive with today's parser into a new warehouse, and swaps it in.

    Until then the old one stays as it is. To a lake, which other folders fill as well, what it lacks of this
    folder's archive is added instead, and nothing is taken out. The archive is read in pieces, by `runner`;
    those that are made are there the next time if it is broken off. One that cannot be made leaves an old
    warehouse in its place, unless `is_forced`: then its pages are rejected as "parser_error". Raises
    ConfigError if the archive lacks captures that the old one knows, or the old one cannot be opened to ask,
    unless `is_forced`; and what `recover` raises.
    """
    declared, work = tuple(declared), folder.warehouse
    if not isinstance(work, Path):
        return _refill_lake(
            folder, runner, clock=clock, declared=declared, wait=wait, on_progress=on_progress
        )
    new = folder.path / f"{work.name}.new"
    with lock.hold_lock(folder.path, timeout=wait):
        with connection.translate_errors(new):
            publish.remove_database(new)
        before, known, operator_overrides = _read_old_warehouse(folder, clock, declared, is_forced=is_forced)
        logs, unreadable = _read_run_logs(folder)
        kept = {capture_id for log in logs.values() for capture_id in log.capture_ids}
        if (missing := len(known - kept)) and not is_forced:
            raise ConfigError(
                f"{folder.archive}: lacks {missing} of the {len(known)} captures that the warehouse knows; "
                "restore the archive from a copy, or give up what they were read from with --force"
            )
        rebuilt = RebuildResult(captures_total=len(kept), unreadable=tuple(unreadable))
        with Warehouse(new) as warehouse:
            _load(
                warehouse,
                folder,
                logs,
                rebuilt,
                runner,
                clock=clock,
                declared=declared,
                on_progress=on_progress,
            )
            for intervention in operator_overrides:
                warehouse.crawl_state.add_override(**intervention)
            _refresh_derived(warehouse, folder, logs, rebuilt, clock=clock)
            after = compare.compute_rebuilt_digests(warehouse.connection)
        rebuilt.differing_tables = None if before is None else compare.compare_digests(before, after)
        rebuilt.is_old_kept = bool(rebuilt.failed) and before is not None and not is_forced
        if rebuilt.is_old_kept:
            with connection.translate_errors(new):
                publish.remove_database(new)
            return rebuilt
        _replace_file(new, work)
        with Warehouse(work, published=folder.published) as warehouse:
            rebuilt.note = warehouse.publish()
        if not rebuilt.failed:
            shards.remove_shards(folder.archive)
    return rebuilt


def _build_ranges(logs: dict[str, RunLog], declared: tuple[Source, ...]) -> Iterator[ArchiveRange]:
    # Names tell runs of one second apart only by chance.
    for file, log in sorted(logs.items(), key=lambda each: each[1].start.started_at):
        yield from log.build_ranges(file, run_log.load_run_source(log.start, declared))


def _read_shards(
    runner: ShardRunner, wanted: Iterable[Shard], rebuilt: RebuildResult
) -> Iterator[tuple[ArchiveRange, list[ShardEntry]]]:
    for piece, error in runner.run(wanted):
        if error is None:
            found = shards.load_entries(piece)
        else:
            rebuilt.failed.append(f"{piece}: {error}")
            found = shards.group_by_range(piece, shards.parse_shard(piece, is_skipped=True))
        yield from zip(piece.ranges, found, strict=True)


def _refill_lake(
    folder: DataFolder,
    runner: ShardRunner,
    *,
    clock: Callable[[], datetime],
    declared: tuple[Source, ...],
    wait: float,
    on_progress: Callable[[RebuildResult], None],
) -> RebuildResult:
    with recover.open_warehouse(folder, clock=clock, declared=declared, lock_timeout=wait) as warehouse:
        logs, unreadable = _read_run_logs(folder)
        known = sum(len(log.capture_ids) for log in logs.values())
        rebuilt = RebuildResult(captures_total=known, unreadable=tuple(unreadable))
        _load(
            warehouse, folder, logs, rebuilt, runner, clock=clock, declared=declared, on_progress=on_progress
        )
        _refresh_derived(warehouse, folder, logs, rebuilt, clock=clock)
    return rebuilt


def _read_run_logs(folder: DataFolder) -> tuple[dict[str, RunLog], list[str]]:
    """What each archive file says of its run, and the files in which nothing was found."""
    logs, unreadable = {}, []
    for file in reader.list_files(folder.archive):
        if (log := _read_run_log(folder.archive, file)) is None:
            unreadable.append(file)
        else:
            logs[file] = log
    return logs, unreadable


def _load(
    warehouse: Warehouse,
    folder: DataFolder,
    logs: dict[str, RunLog],
    rebuilt: RebuildResult,
    runner: ShardRunner,
    *,
    clock: Callable[[], datetime],
    declared: tuple[Source, ...],
    on_progress: Callable[[RebuildResult], None],
) -> None:
    begun: set[UUID] = set()
    for segment, entries in _read_shards(
        runner, shards.build_shards(folder.archive, _build_ranges(logs, declared)), rebuilt
    ):
        log = logs[segment.file]
        run_id = log.start.run_id
        if segment.start == 0:
            warehouse.register_source(segment.source)
            if not warehouse.has_run(run_id):
                recover.insert_run(warehouse, log.start)
                begun.add(run_id)
        batch = shard_entries.build_batch(segment.source, entries)
        loaded = warehouse.load(batch, run_id=run_id)
        rebuilt.captures += len(batch.captures)
        rebuilt.articles += loaded.new
        rebuilt.rejects += loaded.rejects
        on_progress(rebuilt)
        if segment.end == log.boundaries[-1][0]:
            end = log.end or RunEnd("failed", len(log.capture_ids), 0, "how it ended is not kept", clock())
            if run_id in begun:
                recover.finish_run(warehouse, log.start, end)
            rebuilt.runs += 1


def _refresh_derived(
    warehouse: Warehouse,
    folder: DataFolder,
    logs: dict[str, RunLog],
    rebuilt: RebuildResult,
    *,
    clock: Callable[[], datetime],
) -> None:
    for slug in dict.fromkeys(log.start.source for log in logs.values()):
        refresh_derived(warehouse, slug)
        rebuilt.findings[slug] = warehouse.run_checks(
            slug, files=reader.list_files(folder.archive), checked_at=clock()
        )


def _read_old_warehouse(
    folder: DataFolder, clock: Callable[[], datetime], declared: tuple[Source, ...], *, is_forced: bool
) -> tuple[dict[str, tuple[int, str]] | None, frozenset[UUID], tuple[dict[str, Any], ...]]:
    """What the old warehouse holds, which captures it knows, and the interventions, which it alone has.

    What dead runs left is in it then. Without one, or with one that cannot be opened, their files are
    closed all the same.
    """
    if folder.warehouse.exists() or folder.published.exists():
        try:
            publish.prepare_work_file(folder)
            with Warehouse(folder.warehouse) as warehouse:
                for _ in recover.recover_runs(warehouse, folder.archive, clock=clock, declared=declared):
                    pass
                contents = compare.compute_rebuilt_digests(warehouse.connection)
                return (
                    contents,
                    warehouse.crawl_state.list_captures(),
                    warehouse.crawl_state.operator_overrides(),
                )
        except WarehouseError as error:
            if not is_forced or "held by another process" in str(error):
                raise WarehouseError(f"{error}; --force rebuilds without asking it") from error
    for file in reader.list_open_files(folder.archive):
        if reader.truncate_partial_record(folder.archive, file):
            reader.finalise_file(folder.archive, file)
    return None, frozenset(), ()


def _read_run_log(archive_folder: Path, file: str) -> RunLog | None:
    try:
        return recover.read_run_log(archive_folder, file)
    except ArchiveError:
        return None


def _replace_file(new: Path, old: Path) -> None:
    """`new` is where `old` was. A log that a damaged old one has left would be taken for the new one's."""
    with connection.translate_errors(old):
        old.with_name(f"{old.name}.wal").unlink(missing_ok=True)
        new.replace(old)
