"""Query results as table, CSV, JSON, JSON Lines and Parquet."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, count, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO
from uuid import UUID

from rich.console import Console
from rich.table import Table
from rich.text import Text

from newsetl.db import connection
from newsetl.errors import ConfigError
from newsetl.query.reader import ROWS_AT_ONCE, QueryResult, statement_errors
from newsetl.runtime import atomic
from newsetl.text.whitespace import replace_unprintable

if TYPE_CHECKING:
    import pyarrow as pa


Format = Literal["table", "csv", "json", "jsonl", "parquet"]


_MAX_TABLE_ROWS = 1_000  # more than that nobody reads, and a table must be in memory whole
_MIN_COLUMN_WIDTH = 6  # a column of fewer letters tells nothing
_TABLE_WIDTH = 120  # where there is no terminal to ask


def write_result(result: QueryResult, *, format: Format, output: Path | TextIO | None = None) -> None:
    """Writes the result to a file, or to a stream (None: standard output); Parquet only to a file.

    A file is whole when it has its name; what was there is replaced then. Raises ConfigError if the file
    cannot be written or the format cannot hold the values.
    """
    output = output or sys.stdout
    try:
        if format == "parquet":
            if not isinstance(output, Path):
                raise ConfigError("Parquet is not for the screen; name a file with --output")
            _write_parquet(result, output)
        elif isinstance(output, Path):
            with (
                atomic.write_atomically(output) as new,
                new.open("w", encoding="utf-8", newline="") as stream,
            ):
                _WRITERS[format](result, stream)
        else:
            _WRITERS[format](result, output)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ConfigError(f"cannot write {output}: {error.strerror or error}") from error
    finally:
        result.close()


def write_json_line(record: Any, stream: TextIO) -> None:
    """Writes a dataclass as one object on one line."""
    stream.write(json.dumps(_to_json(asdict(record)), ensure_ascii=False) + "\n")


def _write_table(result: QueryResult, stream: TextIO) -> None:
    shown: list[tuple[Any, ...]] = []
    count = 0
    for chunk in result.chunks():
        shown += chunk[: _MAX_TABLE_ROWS - len(shown)]
        count += len(chunk)
    console = Console(file=stream, width=None if stream.isatty() else _TABLE_WIDTH, highlight=False)
    names = [replace_unprintable(name) for name in result.columns]
    cells = [
        [Text(replace_unprintable(" ".join(_to_display_text(value).split()))) for value in row]
        for row in shown
    ]
    widths = _widths([[Text(name) for name in names], *cells], console.width)
    if max(widths, default=_MIN_COLUMN_WIDTH) < _MIN_COLUMN_WIDTH and any(
        map(_is_cut, cells, repeat(widths))
    ):
        _write_rows(console, names, cells)
    else:
        console.print(_build_table(names, result.types, cells, widths))
    if count > len(shown):
        console.print(f"{len(shown):,} of {count:,} rows; --format csv gives all")


def _build_table(names: list[str], types: Iterable[str], cells: list[list[Text]], widths: list[int]) -> Table:
    table = Table()
    for name, kind, width in zip(names, types, widths, strict=True):
        is_number = (
            kind.startswith("DECIMAL") or kind in ("DOUBLE", "FLOAT", "INTEGER") or kind.endswith("INT")
        )
        justify: Literal["right", "left"] = "right" if is_number else "left"
        table.add_column(Text(name), justify=justify, no_wrap=True, overflow="ellipsis", width=width)
    for line in cells:
        table.add_row(*line)
    return table


def _write_rows(console: Console, names: list[str], cells: list[list[Text]]) -> None:
    """Too many columns to stand side by side: each on a line of its own."""
    margin = max(map(len, names)) + 2
    for number, line in enumerate(cells, 1):
        console.rule(f"row {number}", align="left", characters="-", style="")
        for name, text in zip(names, line, strict=True):
            console.print(Text(name.ljust(margin)) + text, no_wrap=True, overflow="ellipsis")


def _is_cut(line: list[Text], widths: list[int]) -> bool:
    return any(text.cell_len > width for text, width in zip(line, widths, strict=True))


def _widths(lines: list[list[Text]], room: int) -> list[int]:
    """A width for each column, so that all have room: the widest give way, the narrow stay whole."""
    widths = [min(room, max(text.cell_len for text in column)) for column in zip(*lines, strict=True)]
    frame = 3 * len(widths) + 1
    while sum(widths) + frame > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths


def _write_csv(result: QueryResult, stream: TextIO) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    # Left bare by Python before 3.13, a carriage return ends the row for other readers.
    quoting = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(result.columns)
    for chunk in result.chunks():
        for row in chunk:
            cells = [_to_text(value) for value in row]
            (quoting if any("\r" in cell for cell in cells) else writer).writerow(cells)


def _write_json(result: QueryResult, stream: TextIO) -> None:
    separator = "["
    for line in _iterate_objects(result):
        stream.write(f"{separator}\n{line}")
        separator = ","
    stream.write("[]\n" if separator == "[" else "\n]\n")


def _write_jsonl(result: QueryResult, stream: TextIO) -> None:
    for line in _iterate_objects(result):
        stream.write(f"{line}\n")


def _iterate_objects(result: QueryResult) -> Iterator[str]:
    """Each row as an object on one line."""
    names = _make_unique(result.columns)
    for chunk in result.chunks():
        for row in chunk:
            found = {name: _to_json(value) for name, value in zip(names, row, strict=True)}
            yield json.dumps(found, ensure_ascii=False)


def _make_unique(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns' names, each after its first namesake with a number, as DuckDB itself does in a table."""
    names: list[str] = []
    for column in columns:
        numbered = (f"{column}_{number}" for number in count(1))
        names.append(next(name for name in chain([column], numbered) if name not in names))
    return tuple(names)


def _write_parquet(result: QueryResult, output: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415  # a third of a second that other formats need not pay
    import pyarrow.parquet as pq  # noqa: PLC0415

    with statement_errors():
        reader = result.connection.to_arrow_reader(ROWS_AT_ONCE)
        try:
            with (
                atomic.write_atomically(output) as new,
                pq.ParquetWriter(new, reader.schema, compression="zstd") as writer,
            ):
                for batch in _batches(reader):
                    writer.write_batch(batch)
        except pa.ArrowException as error:
            raise ConfigError(f"cannot be written as Parquet: {connection.format_error(error)}") from error


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    except OSError as error:  # Arrow's name for what DuckDB fails at
        raise ConfigError(connection.format_error(error)) from error


_WRITERS = {"table": _write_table, "csv": _write_csv, "json": _write_json, "jsonl": _write_jsonl}


def _to_json(value: Any) -> Any:  # noqa: PLR0911
    """The value in JSON's terms; times in ISO 8601, spans in seconds."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case dict():
            return {_to_text(key): _to_json(item) for key, item in value.items()}
        case list() | tuple():
            return [_to_json(item) for item in value]
        case UUID():
            return str(value)
    return str(value)


def _to_text(value: Any) -> str:
    plain = _to_json(value)
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _to_display_text(value: Any) -> str:
    return ", ".join(map(_to_text, value)) if isinstance(value, (list, tuple)) else _to_text(value)
