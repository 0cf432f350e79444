"""The archive in pieces: each is read on its own by today's parser, wherever that is, into a Parquet file.

Segments of archive files go in, `pieces/NAME.parquet` beside the archive folder comes out, and who writes
the warehouse loads the pieces in the archive's order. The name tells what was read and by which parser, so a
piece that is there need not be made again. A piece holds no page, only what was read from it.
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
from newsetl.errors import ArchiveError, ConfigError, DamageError
from newsetl.model import Article, Capture, Reject
from newsetl.pipeline import dataclass_parquet
from newsetl.pipeline.shard_entries import Entry, emptied, entry
from newsetl.sources.config import Source

# Some seconds of work; a rebuild loads each piece by itself.
RECORDS, BYTES = 250, 50_000_000
SUFFIX = ".parquet"


@dataclass(frozen=True, slots=True)
class Segment:
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
class Piece:
    """Segments that are read together. `parser` is the one that shall read them."""

    archive: Path
    segments: tuple[Segment, ...]
    name: str
    parser: str

    @property
    def path(self) -> Path:
        """The Parquet file, once it is made."""
        return folder_of(self.archive) / f"{self.name}{SUFFIX}"

    def __str__(self) -> str:
        return "; ".join(map(str, self.segments))


def _parser() -> str:
    """Which parser this is: a digest of this code and what it stands on."""
    folder = Path(__file__).parent
    digest = hashlib.sha256(f"{sys.version} {version('beautifulsoup4')} {version('lxml')}".encode())
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


# Taken when the code is: a process that lives for days has what it began with.
PARSER = _parser()


def folder_of(archive_folder: Path) -> Path:
    """Where the pieces are, for the writer and all workers the same."""
    return archive_folder.with_name("pieces")


def clear(archive_folder: Path) -> None:
    """No piece is left: what was read is loaded."""
    shutil.rmtree(folder_of(archive_folder), ignore_errors=True)


def cut(archive_folder: Path, segments: Iterable[Segment]) -> Iterator[Piece]:
    """The segments, which are none larger than a piece may be, in pieces. Removes those of other parsers."""
    for path in folder_of(archive_folder).glob(f"*{SUFFIX}*"):
        if not path.name.startswith(PARSER):
            path.unlink(missing_ok=True)
    some: list[Segment] = []
    for segment in segments:
        if some and sum(each.records for each in some) + segment.records > RECORDS:
            yield _piece(archive_folder, tuple(some))
            some = []
        some.append(segment)
    if some:
        yield _piece(archive_folder, tuple(some))


def pages(source: Source, found: Iterable[tuple[str, int, datetime]]) -> Iterator[Segment]:
    """Stored pages (file, offset, when fetched), in the archive's order, as segments."""
    file, offsets, first_at = "", list[int](), None
    for name, offset, at in found:
        if offsets and (name != file or len(offsets) == RECORDS):
            assert first_at
            yield Segment(source, file, first_at, offsets=tuple(offsets), records=len(offsets))
            offsets = []
        if not offsets:
            file, first_at = name, at
        offsets.append(offset)
    if first_at and offsets:
        yield Segment(source, file, first_at, offsets=tuple(offsets), records=len(offsets))


def _piece(archive_folder: Path, segments: tuple[Segment, ...]) -> Piece:
    # A file that was restored from a copy has other contents, perhaps, at the same places.
    stamps = {segment.file: reader.stamp(archive_folder, segment.file) for segment in segments}
    said = json.dumps([[asdict(each) for each in segments], stamps], default=_said, sort_keys=True)
    name = f"{PARSER}-{hashlib.sha256(said.encode()).hexdigest()[:32]}"
    return Piece(archive_folder.absolute(), segments, name, PARSER)


def _said(value: Any) -> Any:
    if isinstance(value, Pattern):
        return [value.pattern, value.flags]
    return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)


def make(piece: Piece) -> None:
    """The piece is there, as a whole or not at all; nothing is done if it was.

    Raises ArchiveError, OSError, and ConfigError if this is not the parser that shall read it.
    """
    if piece.parser != PARSER:
        raise ConfigError(
            f"this worker runs another newsetl ({PARSER}) than who sent the piece ({piece.parser}): "
            "install the same everywhere"
        )
    if piece.path.exists():
        return
    piece.path.parent.mkdir(exist_ok=True)
    fresh = piece.path.with_name(f"{piece.path.name}.{secrets.token_hex(4)}")
    try:
        dataclass_parquet.write(fresh, Entry, read(piece))
        fresh.replace(piece.path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def read(piece: Piece, *, is_given_up: bool = False) -> Iterator[Entry]:
    """What the piece holds, from the archive; one that is given up has a refusal for every page.

    Raises ArchiveError.
    """
    for number, segment in enumerate(piece.segments):
        for record in _records(piece.archive, segment):
            made = entry(
                record, segment.source, rejected=segment.rejected, at=segment.at, is_given_up=is_given_up
            )
            if made:
                yield replace(made, segment=number, capture=made.capture and emptied(made.capture))


def load(piece: Piece) -> tuple[list[Entry], ...]:
    """What the piece holds, from its file, segment by segment. Makes it again if the file cannot be read."""
    try:
        entries = list(dataclass_parquet.read(piece.path, Entry))
    except (OSError, ValueError):  # pyarrow's errors are ValueErrors
        piece.path.unlink(missing_ok=True)
        make(piece)
        entries = list(dataclass_parquet.read(piece.path, Entry))
    return sorted_out(piece, entries)


def outcomes(piece: Piece) -> dict[UUID, Article | Reject]:
    """What each page in the piece is, from its file; pages that could not be read are missing."""
    return {
        entry.capture.capture_id: outcome
        for entries in load(piece)
        for entry in entries
        if entry.capture and (outcome := entry.article or entry.reject)
    }


def sorted_out(piece: Piece, entries: Iterable[Entry]) -> tuple[list[Entry], ...]:
    """The entries segment by segment."""
    found: tuple[list[Entry], ...] = tuple([] for _ in piece.segments)
    for each in entries:
        found[each.segment].append(each)
    return found


def _records(folder: Path, segment: Segment) -> Iterator[Capture | Note | DamageError]:
    if not segment.offsets:
        yield from reader.records(folder, segment.file, segment.start, segment.end)
    for offset in segment.offsets:
        try:
            yield reader.read(folder, segment.file, offset)
        except DamageError as error:
            yield error
        except ArchiveError as error:
            yield DamageError(segment.file, offset, str(error))
