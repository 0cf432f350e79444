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

# Some seconds of work; a rebuild loads each piece by itself.
SHARD_RECORDS, SHARD_BYTES = 250, 50_000_000
SUFFIX = ".pickle.z"


@dataclass(frozen=True, slots=True)
class ArchiveRange:
    """Of an archive file the records that begin in [start, end), or the captures at `offsets` alone.

    `rejected` captures were never read. `at` is the time of what cannot be read, `records` about how many
    there are.
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
    """Segments that are read together. `parser` is the one that shall read them."""

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


# Taken when the code is: a process that lives for days has what it began with.
PARSER_ID = _compute_parser_id()


def get_shard_folder(archive_folder: Path) -> Path:
    """Where the pieces are, for the writer and all workers the same."""
    return archive_folder.with_name("pieces")


def remove_shards(archive_folder: Path) -> None:
    """No piece is left: what was read is loaded."""
    shutil.rmtree(get_shard_folder(archive_folder), ignore_errors=True)


def build_shards(archive_folder: Path, ranges: Iterable[ArchiveRange]) -> Iterator[Shard]:
    """The segments, which are none larger than a piece may be, in pieces. Removes those of other parsers."""
    for path in get_shard_folder(archive_folder).glob("*"):
        if not path.name.startswith(PARSER_ID):
            path.unlink(missing_ok=True)
    some: list[ArchiveRange] = []
    for segment in ranges:
        if some and sum(each.records for each in some) + segment.records > SHARD_RECORDS:
            yield _build_shard(archive_folder, tuple(some))
            some = []
        some.append(segment)
    if some:
        yield _build_shard(archive_folder, tuple(some))


def build_page_ranges(
    source: Source, stored_pages: Iterable[tuple[str, int, datetime]]
) -> Iterator[ArchiveRange]:
    """Stored pages (file, offset, when fetched), in the archive's order, as segments."""
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
    # A file that was restored from a copy has other contents, perhaps, at the same places.
    stamps = {segment.file: reader.stat_file(archive_folder, segment.file) for segment in ranges}
    said = json.dumps([[asdict(each) for each in ranges], stamps], default=_to_json, sort_keys=True)
    name = f"{PARSER_ID}-{hashlib.sha256(said.encode()).hexdigest()[:32]}"
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
    """What the piece holds, from the archive; one that is given up has a refusal for every page.

    Raises ArchiveError.
    """
    for number, segment in enumerate(shard.ranges):
        for record in _iterate_records(shard.archive, segment):
            made = build_entry(
                record, segment.source, rejected=segment.rejected, at=segment.at, is_skipped=is_skipped
            )
            if made:
                yield replace(made, range_number=number, capture=made.capture and drop_body(made.capture))


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
    """What each page in the piece is, from its file; pages that could not be read are missing."""
    return {
        entry.capture.capture_id: outcome
        for entries in load_entries(shard)
        for entry in entries
        if entry.capture and (outcome := entry.article or entry.reject)
    }


def group_by_range(shard: Shard, entries: Iterable[ShardEntry]) -> tuple[list[ShardEntry], ...]:
    """The entries segment by segment."""
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
