"""The numbers of the report: each from a query in `warehouse/report/`, none made here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import duckdb

from newsetl.db import sql
from newsetl.query import status
from newsetl.query.article_filter import ArticleFilter
from newsetl.query.revisions import DiffKind, diff_texts, shorten_unchanged
from newsetl.query.status import ActionItem
from newsetl.reasons import REJECT_POLICIES, Reason
from newsetl.runtime.data_folder import WarehouseLocation

Row = dict[str, Any]
Rows = tuple[Row, ...]

# Two texts of so many characters take minutes to compare if they have little in common.
_MAX_COMPARED_CHARS = 60_000


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """A change of an article with what was removed and added; `text` is None if it is too long for that."""

    row: Row
    title: tuple[tuple[DiffKind, str], ...]
    text: tuple[tuple[DiffKind, str], ...] | None


@dataclass(frozen=True, slots=True)
class ReportData:
    """What the report shows, named as the queries are."""

    wanted: ArticleFilter
    copy: Row | None
    totals: Row
    sources: Rows
    needs: tuple[ActionItem, ...]
    day_states: Rows
    days: Rows
    volume: Rows
    people: Rows
    pairs: Rows
    delay_totals: Row
    delays: Rows
    rejects: Rows
    rejected_pages: Rows
    drift_weeks: Rows
    changes: tuple[ArticleChange, ...]
    gone: Rows
    clusters: Rows
    runs: Rows
    newest_articles: Rows


def load_report_data(
    connection: duckdb.DuckDBPyConnection,
    path: WarehouseLocation,
    selection: ArticleFilter,
    *,
    on_progress: Callable[[str], None],
) -> ReportData:
    """The figures about the articles wanted, all from the same state of the warehouse at `path`."""
    asked = {"source": selection.source, "since": selection.since, "until": selection.until}

    def rows(name: str) -> Rows:
        on_progress(f"reading {name.replace('_', ' ')}")
        return _query_rows(connection, name, asked)

    rows("chosen_articles")
    rows("timed_articles")
    (totals,), (delay_totals,) = rows("totals"), rows("delay_totals")
    changes = rows("changes")
    on_progress("comparing changed texts")
    return ReportData(
        wanted=selection,
        copy=next(iter(rows("copy")), None),
        totals=totals,
        sources=rows("sources"),
        needs=tuple(
            need for need in status.list_action_items(path) if selection.source in (None, need.source)
        ),
        day_states=rows("day_states"),
        days=rows("days"),
        volume=rows("volume"),
        people=rows("people"),
        pairs=rows("pairs"),
        delay_totals=delay_totals,
        delays=rows("delays"),
        rejects=tuple(
            row | {"advice": REJECT_POLICIES[Reason(row["reason"])].advice} for row in rows("rejects")
        ),
        rejected_pages=rows("rejected_pages"),
        drift_weeks=rows("drift_weeks"),
        changes=tuple(_build_change(row) for row in changes),
        gone=rows("gone"),
        clusters=rows("clusters"),
        runs=rows("runs"),
        newest_articles=rows("newest_articles"),
    )


def _query_rows(connection: duckdb.DuckDBPyConnection, name: str, values: Row) -> Rows:
    statement = sql.load_sql(f"report/{name}")
    parameters = {key: value for key, value in values.items() if f"${key}" in statement}
    connection.execute(statement, parameters)
    columns = [column[0] for column in connection.description or ()]
    return tuple(dict(zip(columns, row, strict=True)) for row in connection.fetchall())


def _build_change(row: Row) -> ArticleChange:
    before, after = row["text_before"], row["text"]
    text = None
    if max(len(before), len(after)) <= _MAX_COMPARED_CHARS:
        text = tuple(shorten_unchanged(diff_texts(before, after)))
    return ArticleChange(row, tuple(diff_texts(row["title_before"], row["title"])), text)


def group_rows(rows: Iterable[Row], key: str) -> list[tuple[Any, list[Row]]]:
    """Neighbouring rows that have the same value, under it."""
    return [(value, list(group)) for value, group in groupby(rows, key=lambda row: row[key])]


def pivot_rows(rows: Iterable[Row], line: str, column: str, value: str) -> tuple[list[Any], dict[Any, Row]]:
    """The columns in the order in which they come, and line → column → value."""
    columns: dict[Any, None] = {}
    lines: dict[Any, Row] = {}
    for row in rows:
        columns.setdefault(row[column])
        lines.setdefault(row[line], {})[row[column]] = row[value]
    return list(columns), lines
