"""Rebuild of the warehouse from the archive alone."""

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
from newsetl.errors import ArchiveError, ConfigError, PublishError, WarehouseError, WarehouseLockedError
from newsetl.pipeline import recover, run_rows, shard_entries, shards
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
    """Contents of the new warehouse so far, out of `captures_total` captures in the archive.

    `unreadable` are archive files without a readable record. `differing_tables` are the tables whose rows
    differ from the old warehouse, None without an old one. `findings` are the results of the checks by
    source. `failed` are unreadable shards of the archive with their errors; `is_old_kept` is True if the old
    warehouse stays because of them.
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
    lock_timeout: float = lock.DEFAULT_TIMEOUT,
    on_progress: Callable[[RebuildResult], None] = lambda _: None,
) -> RebuildResult:
    """Parse every capture of the archive into a new warehouse and replace the old one with it.

    The old warehouse stays unchanged until then. A lake, which other directories fill too, is not replaced:
    only the missing captures of this archive are added to it. `runner` parses the archive in shards; after an
    interruption the finished shards are used again. If a shard fails, the old warehouse stays, unless
    `is_forced`: then its pages are rejected as "parser_error".

    Raise ConfigError if the archive lacks captures of the old warehouse, and WarehouseError if the old
    warehouse cannot be opened; `is_forced` ignores both. Raise the errors of `recover_runs` too.
    """
    declared, work = tuple(declared), folder.warehouse
    if not isinstance(work, Path):
        return _refill_lake(
            folder,
            runner,
            clock=clock,
            declared=declared,
            lock_timeout=lock_timeout,
            on_progress=on_progress,
        )
    new = folder.path / f"{work.name}.new"
    with lock.hold_lock(folder.path, timeout=lock_timeout):
        with connection.translate_errors(new):
            publish.remove_database(new)
        before, known, operator_overrides = _read_old_warehouse(folder, clock, declared, is_forced=is_forced)
        logs, unreadable = _read_run_logs(folder)
        archived = {capture_id for log in logs.values() for capture_id in log.capture_ids}
        if (missing := len(known - archived)) and not is_forced:
            raise ConfigError(
                f"{folder.archive}: lacks {missing} of the {len(known)} captures that the warehouse has; "
                "restore the archive from a backup, or rebuild without them with --force"
            )
        rebuilt = RebuildResult(captures_total=len(archived), unreadable=tuple(unreadable))
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
            for override in operator_overrides:
                warehouse.crawl_state.add_override(**override)
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
            try:
                warehouse.publish()
            except PublishError as error:
                rebuilt.note = str(error)
        if not rebuilt.failed:
            shards.remove_shards(folder.archive)
    return rebuilt


def _build_ranges(logs: dict[str, RunLog], declared: tuple[Source, ...]) -> Iterator[ArchiveRange]:
    # File names do not order runs that started in the same second.
    for file, log in sorted(logs.items(), key=lambda each: each[1].start.started_at):
        yield from log.build_ranges(file, run_log.load_run_source(log.start, declared))


def _read_shards(
    runner: ShardRunner, shards_to_read: Iterable[Shard], rebuilt: RebuildResult
) -> Iterator[tuple[ArchiveRange, list[ShardEntry]]]:
    for shard, error in runner.run(shards_to_read):
        if error is None:
            entries = shards.load_entries(shard)
        else:
            rebuilt.failed.append(f"{shard}: {error}")
            entries = shards.group_by_range(shard, shards.parse_shard(shard, is_skipped=True))
        yield from zip(shard.ranges, entries, strict=True)


def _refill_lake(
    folder: DataFolder,
    runner: ShardRunner,
    *,
    clock: Callable[[], datetime],
    declared: tuple[Source, ...],
    lock_timeout: float,
    on_progress: Callable[[RebuildResult], None],
) -> RebuildResult:
    with recover.open_warehouse(
        folder, clock=clock, declared=declared, lock_timeout=lock_timeout
    ) as warehouse:
        logs, unreadable = _read_run_logs(folder)
        captures_total = sum(len(log.capture_ids) for log in logs.values())
        rebuilt = RebuildResult(captures_total=captures_total, unreadable=tuple(unreadable))
        _load(
            warehouse, folder, logs, rebuilt, runner, clock=clock, declared=declared, on_progress=on_progress
        )
        _refresh_derived(warehouse, folder, logs, rebuilt, clock=clock)
    return rebuilt


def _read_run_logs(folder: DataFolder) -> tuple[dict[str, RunLog], list[str]]:
    """Return each archive file's run log, and the files without a readable record."""
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
    started_ids: set[UUID] = set()
    for segment, entries in _read_shards(
        runner, shards.build_shards(folder.archive, _build_ranges(logs, declared)), rebuilt
    ):
        log = logs[segment.file]
        run_id = log.start.run_id
        if segment.start == 0:
            warehouse.register_source(segment.source)
            if not warehouse.has_run(run_id):
                run_rows.insert_run(warehouse, log.start)
                started_ids.add(run_id)
        batch = shard_entries.build_batch(segment.source, entries)
        loaded = warehouse.load(batch, run_id=run_id)
        rebuilt.captures += len(batch.captures)
        rebuilt.articles += loaded.new
        rebuilt.rejects += loaded.rejects
        on_progress(rebuilt)
        if segment.end == log.boundaries[-1][0]:
            end = log.end or RunEnd(
                "failed", len(log.capture_ids), 0, "end of the run is not in the archive", clock()
            )
            if run_id in started_ids:
                run_rows.finish_run(warehouse, log.start, end)
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
    """Return the digests of the old warehouse's tables, its capture ids and its operator overrides.

    Crashed runs are recovered first. Without a usable old warehouse, only their archive files are closed.
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
                    warehouse.crawl_state.list_overrides(),
                )
        except WarehouseError as error:
            if not is_forced or isinstance(error, WarehouseLockedError):
                raise WarehouseError(f"{error}; rebuild without the old warehouse with --force") from error
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
    """Replace `old` with `new`. Remove its write-ahead log, which DuckDB would replay into the new file."""
    with connection.translate_errors(old):
        old.with_name(f"{old.name}.wal").unlink(missing_ok=True)
        new.replace(old)
