"""The numbers of the report: each from a query in `warehouse/report/`, none made here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import duckdb

from newsetl.db import sql
from newsetl.query import status
from newsetl.query.article_filter import Chosen
from newsetl.query.revisions import Kind, differences, shortened
from newsetl.query.status import Need
from newsetl.reasons import REFUSALS, Reason
from newsetl.runtime.data_folder import Place

Row = dict[str, Any]
Rows = tuple[Row, ...]

# Two texts of so many characters take minutes to compare if they have little in common.
_MOST_COMPARED = 60_000


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an article with what was removed and added; `text` is None if it is too long for that."""

    row: Row
    title: tuple[tuple[Kind, str], ...]
    text: tuple[tuple[Kind, str], ...] | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What the report shows, named as the queries are."""

    wanted: Chosen
    copy: Row | None
    totals: Row
    sources: Rows
    needs: tuple[Need, ...]
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
    changes: tuple[Change, ...]
    gone: Rows
    clusters: Rows
    runs: Rows
    newest_articles: Rows


def of(
    connection: duckdb.DuckDBPyConnection, path: Place, wanted: Chosen, *, tell: Callable[[str], None]
) -> Figures:
    """The figures about the articles wanted, all from the same state of the warehouse at `path`."""
    asked = {"source": wanted.source, "since": wanted.since, "until": wanted.until}

    def rows(name: str) -> Rows:
        tell(f"reading {name.replace('_', ' ')}")
        return _rows(connection, name, asked)

    rows("chosen_articles")
    rows("timed_articles")
    (totals,), (delay_totals,) = rows("totals"), rows("delay_totals")
    changes = rows("changes")
    tell("comparing changed texts")
    return Figures(
        wanted=wanted,
        copy=next(iter(rows("copy")), None),
        totals=totals,
        sources=rows("sources"),
        needs=tuple(need for need in status.needs(path) if wanted.source in (None, need.source)),
        day_states=rows("day_states"),
        days=rows("days"),
        volume=rows("volume"),
        people=rows("people"),
        pairs=rows("pairs"),
        delay_totals=delay_totals,
        delays=rows("delays"),
        rejects=tuple(row | {"advice": REFUSALS[Reason(row["reason"])].advice} for row in rows("rejects")),
        rejected_pages=rows("rejected_pages"),
        drift_weeks=rows("drift_weeks"),
        changes=tuple(_change(row) for row in changes),
        gone=rows("gone"),
        clusters=rows("clusters"),
        runs=rows("runs"),
        newest_articles=rows("newest_articles"),
    )


def _rows(connection: duckdb.DuckDBPyConnection, name: str, asked: Row) -> Rows:
    statement = sql.sql(f"report/{name}")
    parameters = {key: value for key, value in asked.items() if f"${key}" in statement}
    connection.execute(statement, parameters)
    columns = [column[0] for column in connection.description or ()]
    return tuple(dict(zip(columns, row, strict=True)) for row in connection.fetchall())


def _change(row: Row) -> Change:
    before, after = row["text_before"], row["text"]
    text = None
    if max(len(before), len(after)) <= _MOST_COMPARED:
        text = tuple(shortened(differences(before, after)))
    return Change(row, tuple(differences(row["title_before"], row["title"])), text)


def grouped(rows: Iterable[Row], key: str) -> list[tuple[Any, list[Row]]]:
    """Neighbouring rows that have the same value, under it."""
    return [(value, list(group)) for value, group in groupby(rows, key=lambda row: row[key])]


def pivoted(rows: Iterable[Row], line: str, column: str, value: str) -> tuple[list[Any], dict[Any, Row]]:
    """The columns in the order in which they come, and line → column → value."""
    columns: dict[Any, None] = {}
    lines: dict[Any, Row] = {}
    for row in rows:
        columns.setdefault(row[column])
        lines.setdefault(row[line], {})[row[column]] = row[value]
    return list(columns), lines
