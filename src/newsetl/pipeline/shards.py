"""Shards of the archive, each of which one worker parses into one file.

A shard consists of ranges of archive files. Its file `pieces/NAME.pickle.z` beside the archive has the parsed
entries, without the pages. The process that writes the warehouse loads the shards in the archive's order. The
name depends on the ranges and on the parser, so a finished shard is not written again.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from re import Pattern
from typing import Any
from uuid import UUID

from newsetl.archive import reader
from newsetl.archive.warc import Note
from newsetl.errors import ArchiveError, ConfigError, CorruptRecordError, ShardError
from newsetl.model import Article, Capture, Reject
from newsetl.pipeline import shard_file
from newsetl.pipeline.shard_entries import ShardEntry, build_entry, drop_body
from newsetl.sources.config import Source

# Some seconds of work; a rebuild loads each shard by itself.
SHARD_RECORDS, SHARD_BYTES = 250, 50_000_000
SUFFIX = ".pickle.z"


@dataclass(frozen=True, slots=True)
class ArchiveRange:
    """Records of an archive file that begin in [start, end), or the captures at `offsets` alone.

    `rejected` captures are not parsed. `at` is the time of rejects of corrupt records, `records` the
    approximate number of records.
    """

    source: Source
    file: str
    at: datetime
    start: int = 0
    end: int | None = None
    offsets: tuple[int, ...] = ()
    rejected: frozenset[UUID] = frozenset()
    records: int = 0

    def __str__(self) -> str:
        if self.offsets:
            return f"{self.file}, {len(self.offsets)} pages from {self.offsets[0]} to {self.offsets[-1]}"
        return f"{self.file} from {self.start} to {'its end' if self.end is None else self.end}"


@dataclass(frozen=True, slots=True)
class Shard:
    """Archive ranges that are parsed together, by the parser with `parser_id`."""

    archive: Path
    ranges: tuple[ArchiveRange, ...]
    name: str
    parser_id: str

    @property
    def path(self) -> Path:
        """Path of the shard's file."""
        return get_shard_folder(self.archive) / f"{self.name}{SUFFIX}"

    def __str__(self) -> str:
        return "; ".join(map(str, self.ranges))


def list_parser_files() -> list[Path]:
    """List the files that the parser id covers: all of newsetl's code."""
    return sorted(Path(__file__).parents[1].rglob("*.py"))


def _compute_parser_id() -> str:
    """Return a digest of newsetl's code and of the versions of Python, BeautifulSoup and lxml."""
    digest = hashlib.sha256(f"{sys.version} {version('beautifulsoup4')} {version('lxml')}".encode())
    for file in list_parser_files():
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


# Computed when the code is loaded: a process that runs for days keeps its code.
PARSER_ID = _compute_parser_id()


def get_shard_folder(archive_folder: Path) -> Path:
    """Return the folder of the shards' files, the same for the writer and all workers."""
    return archive_folder.with_name("pieces")


def remove_shards(archive_folder: Path) -> None:
    """Remove all shards, after they are loaded."""
    shutil.rmtree(get_shard_folder(archive_folder), ignore_errors=True)


def build_shards(archive_folder: Path, ranges: Iterable[ArchiveRange]) -> Iterator[Shard]:
    """Yield shards of the ranges, of which none exceeds a shard. Remove the shards of other parsers."""
    for path in get_shard_folder(archive_folder).glob("*"):
        if not path.name.startswith(PARSER_ID):
            path.unlink(missing_ok=True)
    pending: list[ArchiveRange] = []
    for archive_range in ranges:
        if pending and sum(each.records for each in pending) + archive_range.records > SHARD_RECORDS:
            yield _build_shard(archive_folder, tuple(pending))
            pending = []
        pending.append(archive_range)
    if pending:
        yield _build_shard(archive_folder, tuple(pending))


def build_page_ranges(
    source: Source, stored_pages: Iterable[tuple[str, int, datetime]]
) -> Iterator[ArchiveRange]:
    """Yield ranges of stored pages (file, offset, fetch time), which are in the archive's order."""
    file, offsets, first_at = "", list[int](), None
    for name, offset, at in stored_pages:
        if offsets and (name != file or len(offsets) == SHARD_RECORDS):
            assert first_at
            yield ArchiveRange(source, file, first_at, offsets=tuple(offsets), records=len(offsets))
            offsets = []
        if not offsets:
            file, first_at = name, at
        offsets.append(offset)
    if first_at and offsets:
        yield ArchiveRange(source, file, first_at, offsets=tuple(offsets), records=len(offsets))


def _build_shard(archive_folder: Path, ranges: tuple[ArchiveRange, ...]) -> Shard:
    # A file restored from a copy may have other contents at the same offsets.
    stamps = {each.file: reader.stat_file(archive_folder, each.file) for each in ranges}
    key = json.dumps([[asdict(each) for each in ranges], stamps], default=_to_json, sort_keys=True)
    name = f"{PARSER_ID}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    return Shard(archive_folder.absolute(), ranges, name, PARSER_ID)


def _to_json(value: Any) -> Any:
    if isinstance(value, Pattern):
        return [value.pattern, value.flags]
    return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)


def write_shard(shard: Shard) -> None:
    """Parse the shard and write its file atomically, unless the file exists.

    Raise ArchiveError, OSError, ShardError, and ConfigError if the shard is for another parser.
    """
    if shard.parser_id != PARSER_ID:
        raise ConfigError(
            f"this worker runs another newsetl ({PARSER_ID}) than who sent the piece ({shard.parser_id}): "
            "install the same everywhere"
        )
    if shard.path.exists():
        return
    fresh = shard.path.with_name(f"{shard.path.name}.{secrets.token_hex(4)}")
    try:
        shard_file.write_entries(fresh, parse_shard(shard))
        fresh.replace(shard.path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def parse_shard(shard: Shard, *, is_skipped: bool = False) -> Iterator[ShardEntry]:
    """Yield the entries of the shard, parsed from the archive. If `is_skipped`, reject every page.

    Raise ArchiveError.
    """
    for number, each in enumerate(shard.ranges):
        for record in _iterate_records(shard.archive, each):
            entry = build_entry(
                record, each.source, rejected=each.rejected, at=each.at, is_skipped=is_skipped
            )
            if entry:
                yield replace(entry, range_number=number, capture=entry.capture and drop_body(entry.capture))


def load_entries(shard: Shard) -> tuple[list[ShardEntry], ...]:
    """Return the entries of the shard's file, by range. Write the shard again if its file cannot be read."""
    try:
        entries = shard_file.read_entries(shard.path)
    except (OSError, ShardError):
        shard.path.unlink(missing_ok=True)
        write_shard(shard)
        entries = shard_file.read_entries(shard.path)
    return group_by_range(shard, entries)


def load_outcomes(shard: Shard) -> dict[UUID, Article | Reject]:
    """Return capture id → outcome of the shard's pages. Pages that could not be read are missing."""
    return {
        entry.capture.capture_id: outcome
        for entries in load_entries(shard)
        for entry in entries
        if entry.capture and (outcome := entry.article or entry.reject)
    }


def group_by_range(shard: Shard, entries: Iterable[ShardEntry]) -> tuple[list[ShardEntry], ...]:
    """Return the entries of each range."""
    found: tuple[list[ShardEntry], ...] = tuple([] for _ in shard.ranges)
    for each in entries:
        found[each.range_number].append(each)
    return found


def _iterate_records(
    folder: Path, archive_range: ArchiveRange
) -> Iterator[Capture | Note | CorruptRecordError]:
    if not archive_range.offsets:
        yield from reader.iterate_records(folder, archive_range.file, archive_range.start, archive_range.end)
    for offset in archive_range.offsets:
        try:
            yield reader.read_capture(folder, archive_range.file, offset)
        except CorruptRecordError as error:
            yield error
        except ArchiveError as error:
            yield CorruptRecordError(archive_range.file, offset, str(error))
