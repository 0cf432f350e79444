"""Writers of query results: table, CSV, JSON, JSON Lines and Parquet."""

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

from newsetl.db.duckdb_errors import format_error
from newsetl.errors import ConfigError
from newsetl.query.reader import ROWS_AT_ONCE, QueryResult, translate_statement_errors
from newsetl.runtime import atomic
from newsetl.text.whitespace import replace_unprintable

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["table", "csv", "json", "jsonl", "parquet"]

_MAX_TABLE_ROWS = 1_000  # a table is built in memory
_MIN_COLUMN_WIDTH = 6  # characters; below this a column is unreadable
_TABLE_WIDTH = 120  # characters, if the output is no terminal


def write_result(result: QueryResult, *, format: Format, output: Path | TextIO | None = None) -> None:
    """Write the result to a file or a stream (default: standard output), and close the result.

    A file is written atomically and replaces an existing one. Raise ConfigError if the file cannot be
    written, if the format cannot store the values, or for Parquet to a stream.
    """
    output = output or sys.stdout
    try:
        if format == "parquet":
            if not isinstance(output, Path):
                raise ConfigError("Parquet: not supported on standard output; name a file with --output")
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
        raise ConfigError(f"{output}: cannot be written: {error.strerror or error}") from error
    finally:
        result.close()


def write_json_line(record: Any, stream: TextIO) -> None:
    """Write a dataclass as a JSON object on one line."""
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
    widths = _compute_widths([[Text(name) for name in names], *cells], console.width)
    if max(widths, default=_MIN_COLUMN_WIDTH) < _MIN_COLUMN_WIDTH and any(
        map(_is_truncated, cells, repeat(widths))
    ):
        _write_rows(console, names, cells)
    else:
        console.print(_build_table(names, result.types, cells, widths))
    if count > len(shown):
        console.print(f"{len(shown):,} of {count:,} rows shown; use --format csv for all")


def _build_table(names: list[str], types: Iterable[str], cells: list[list[Text]], widths: list[int]) -> Table:
    table = Table()
    for name, kind, width in zip(names, types, widths, strict=True):
        is_number = (
            kind.startswith("DECIMAL") or kind in ("DOUBLE", "FLOAT", "INTEGER") or kind.endswith("INT")
        )
        justify: Literal["right", "left"] = "right" if is_number else "left"
        table.add_column(Text(name), justify=justify, no_wrap=True, overflow="ellipsis", width=width)
    for row in cells:
        table.add_row(*row)
    return table


def _write_rows(console: Console, names: list[str], cells: list[list[Text]]) -> None:
    """Write each column on its own line, for results with too many columns for a table."""
    margin = max(map(len, names)) + 2
    for number, row in enumerate(cells, 1):
        console.rule(f"row {number}", align="left", characters="-", style="")
        for name, text in zip(names, row, strict=True):
            console.print(Text(name.ljust(margin)) + text, no_wrap=True, overflow="ellipsis")


def _is_truncated(row: list[Text], widths: list[int]) -> bool:
    return any(text.cell_len > width for text, width in zip(row, widths, strict=True))


def _compute_widths(rows: list[list[Text]], max_width: int) -> list[int]:
    """Return column widths in characters that fit into `max_width`; only the widest columns shrink."""
    widths = [min(max_width, max(text.cell_len for text in column)) for column in zip(*rows, strict=True)]
    frame = 3 * len(widths) + 1
    while sum(widths) + frame > max_width and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths


def _write_csv(result: QueryResult, stream: TextIO) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    # Python before 3.13 does not quote a carriage return, which other programs read as the end of the row.
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
    """Yield each row as a JSON object on one line."""
    names = _make_unique(result.columns)
    for chunk in result.chunks():
        for row in chunk:
            record = {name: _to_json(value) for name, value in zip(names, row, strict=True)}
            yield json.dumps(record, ensure_ascii=False)


def _make_unique(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return unique column names: repeated names get a number, as in a DuckDB table."""
    names: list[str] = []
    for column in columns:
        numbered = (f"{column}_{number}" for number in count(1))
        names.append(next(name for name in chain([column], numbered) if name not in names))
    return tuple(names)


def _write_parquet(result: QueryResult, output: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415  # takes 0.3 s to import
    import pyarrow.parquet as pq  # noqa: PLC0415

    with translate_statement_errors():
        reader = result.connection.to_arrow_reader(ROWS_AT_ONCE)
        try:
            with (
                atomic.write_atomically(output) as new,
                pq.ParquetWriter(new, reader.schema, compression="zstd") as writer,
            ):
                for batch in _iterate_batches(reader):
                    writer.write_batch(batch)
        except pa.ArrowException as error:
            raise ConfigError(f"{output}: cannot be written as Parquet: {format_error(error)}") from error


def _iterate_batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    except OSError as error:  # Arrow raises OSError for errors of DuckDB
        raise ConfigError(format_error(error)) from error


_WRITERS = {"table": _write_table, "csv": _write_csv, "json": _write_json, "jsonl": _write_jsonl}


def _to_json(value: Any) -> Any:  # noqa: PLR0911
    """Return the value as JSON types: times in ISO 8601, intervals in seconds, non-finite numbers as null."""
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
