"""Export of articles as Parquet, CSV or JSON Lines files, written atomically."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from newsetl.db.connection import open_cursor, translate_errors
from newsetl.errors import ConfigError
from newsetl.query import article_filter, formats, reader
from newsetl.query.article_filter import ArticleFilter
from newsetl.runtime import atomic
from newsetl.runtime.data_folder import WORK_FILE, WarehouseLocation

Format = Literal["parquet", "csv", "jsonl"]

EXPORT_FILES = ("articles.parquet", "articles.csv", "articles.jsonl")
LIST_SEPARATOR = "; "


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """File of an export with its number of articles; `month` is None if the export is a single file."""

    path: Path
    articles: int
    month: str | None = None


def export(
    published: WarehouseLocation,
    output: Path,
    *,
    format: Format,
    selection: ArticleFilter | None = None,
    columns: Sequence[str] | None = None,
    is_by_month: bool = False,
    is_forced: bool = False,
) -> tuple[ExportedFile, ...]:
    """Write rows of articles_flat, the oldest first, to the file `output`, or to a directory by month.

    The directory has Hive-partitioned files such as `month=2026-07/articles.parquet`. CSV joins lists with
    "; ". The output is written atomically. With `is_forced` it replaces an existing file, or an existing
    directory of an export. Raise ConfigError if the output cannot be written, and WarehouseError if the
    warehouse cannot be read.
    """
    selection = selection or ArticleFilter()
    _check_output(output, published, is_directory=is_by_month, is_forced=is_forced)
    with closing(reader.connect(published)) as connection, translate_errors(published):
        select = _build_select(connection, columns, format)
        written = _plan_files(connection, selection, output, format, is_by_month=is_by_month)
        with atomic.write_atomically(output) as new:
            if is_by_month:
                new.mkdir()
            for file in written:
                target = new / file.path.relative_to(output)
                target.parent.mkdir(exist_ok=True)
                month = "" if file.month is None else f"AND strftime(published_on, '%Y-%m') = '{file.month}'"
                cursor = open_cursor(connection)
                cursor.execute(
                    f"SELECT {select} FROM articles_flat WHERE {selection.conditions} {month} "
                    f"{article_filter.ORDER_BY}",
                    selection.parameters,
                )
                formats.write_result(reader.QueryResult(cursor), format=format, output=target)
    return written


def _build_select(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str] | None, format: Format
) -> str:
    terms = []
    for name, kind in article_filter.select_columns(connection, columns).items():
        is_joined = format == "csv" and str(kind) == "VARCHAR[]"
        terms.append(
            f'array_to_string("{name}", \'{LIST_SEPARATOR}\') AS "{name}"' if is_joined else f'"{name}"'
        )
    return ", ".join(terms)


def _plan_files(
    connection: duckdb.DuckDBPyConnection,
    selection: ArticleFilter,
    output: Path,
    format: Format,
    *,
    is_by_month: bool,
) -> tuple[ExportedFile, ...]:
    month = "strftime(published_on, '%Y-%m')" if is_by_month else "NULL"
    counts = connection.execute(
        f"SELECT {month} AS month, count(*) FROM articles_flat WHERE {selection.conditions} "
        "GROUP BY month ORDER BY month",
        selection.parameters,
    ).fetchall()
    if is_by_month:
        return tuple(
            ExportedFile(output / f"month={month}" / f"articles.{format}", articles, month)
            for month, articles in counts
        )
    return (ExportedFile(output, counts[0][1] if counts else 0),)


def _check_output(output: Path, published: WarehouseLocation, *, is_directory: bool, is_forced: bool) -> None:
    protected = (published, published.with_name(WORK_FILE)) if isinstance(published, Path) else ()
    mode = atomic.check_output(output, protected=protected)
    if mode is None:
        return
    if stat.S_ISDIR(mode) and not (is_directory and _is_export(output)):
        raise ConfigError(f"{output}: a directory that is no export; use another --output")
    if is_directory and not stat.S_ISDIR(mode):
        raise ConfigError(f"{output}: a file, but an export by month is a directory; use another --output")
    if not is_forced:
        raise ConfigError(f"{output}: exists already; use another --output, or --force to replace it")


def _is_export(directory: Path) -> bool:
    return all(
        each.is_dir()
        and each.name.startswith("month=")
        and all(file.name in EXPORT_FILES for file in each.iterdir())
        for each in directory.iterdir()
    )
