"""Figures of the report, each the result of a query in `warehouse/report/`."""

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

# Longer texts can take minutes to compare.
_MAX_COMPARED_CHARS = 60_000


@dataclass(frozen=True, slots=True)
class ArticleChange:
    """Change of an article as diffs of title and text; `text` is None if the text is too long to compare."""

    row: Row
    title: tuple[tuple[DiffKind, str], ...]
    text: tuple[tuple[DiffKind, str], ...] | None


@dataclass(frozen=True, slots=True)
class ReportData:
    """Figures of the report, with the names of their queries."""

    selection: ArticleFilter
    copy: Row | None
    totals: Row
    sources: Rows
    action_items: tuple[ActionItem, ...]
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
    """Query the figures about the selected articles in the warehouse at `path`."""
    parameters = {"source": selection.source, "since": selection.since, "until": selection.until}

    def query(name: str) -> Rows:
        on_progress(f"reading {name.replace('_', ' ')}")
        return _query_rows(connection, name, parameters)

    query("selected_articles")
    query("timed_articles")
    (totals,), (delay_totals,) = query("totals"), query("delay_totals")
    changes = query("changes")
    on_progress("comparing changed texts")
    return ReportData(
        selection=selection,
        copy=next(iter(query("copy")), None),
        totals=totals,
        sources=query("sources"),
        action_items=tuple(
            item for item in status.list_action_items(path) if selection.source in (None, item.source)
        ),
        day_states=query("day_states"),
        days=query("days"),
        volume=query("volume"),
        people=query("people"),
        pairs=query("pairs"),
        delay_totals=delay_totals,
        delays=query("delays"),
        rejects=tuple(
            row | {"advice": REJECT_POLICIES[Reason(row["reason"])].advice} for row in query("rejects")
        ),
        rejected_pages=query("rejected_pages"),
        drift_weeks=query("drift_weeks"),
        changes=tuple(_build_change(row) for row in changes),
        gone=query("gone"),
        clusters=query("clusters"),
        runs=query("runs"),
        newest_articles=query("newest_articles"),
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
    """Return (value, rows) for each run of consecutive rows with the same value of `key`."""
    return [(value, list(group)) for value, group in groupby(rows, key=lambda row: row[key])]


def pivot_rows(rows: Iterable[Row], index: str, column: str, value: str) -> tuple[list[Any], dict[Any, Row]]:
    """Return the columns in order of appearance, and index → column → value."""
    columns: dict[Any, None] = {}
    by_index: dict[Any, Row] = {}
    for row in rows:
        columns.setdefault(row[column])
        by_index.setdefault(row[index], {})[row[column]] = row[value]
    return list(columns), by_index
