"""What stands where: what the warehouse holds of each source, how its days look, what needs a person."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple, TextIO

from newsetl.archive import reader
from newsetl.db import checks
from newsetl.db.checks import Finding, describe_regression
from newsetl.db.connection import translate_errors
from newsetl.query.formats import write_result
from newsetl.query.reader import connect, run_query
from newsetl.query.rejects import list_open_rejects
from newsetl.reasons import Policy
from newsetl.runtime.data_folder import DataFolder, Lake, WarehouseLocation


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What is there of a source, how its last run went, what is refused. Runs' fields are None before one."""

    source: str
    name: str
    articles: int
    newest_published_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    state: str | None
    discovered: int | None
    new: int | None
    changed: int | None
    already_loaded: int | None
    rejected: int | None
    seconds: float | None
    error: str | None
    open_rejects: dict[str, int]


def load_status(path: WarehouseLocation) -> tuple[SourceStatus, ...]:
    """One SourceStatus a source, by slug. Raises WarehouseError if there is no warehouse to read."""
    columns = ", ".join(field.name for field in fields(SourceStatus))
    with translate_errors(path), connect(path) as connection:
        found = connection.execute(f"SELECT {columns} FROM source_status").fetchall()
    return tuple(SourceStatus(*row) for row in found)


# Times are in UTC, and say so.
_STATUS_SQL = (
    """
    SELECT
        source, articles, strftime(newest_published_at, '%Y-%m-%d %H:%M') AS newest_utc,
        [entry.key || ' ' || entry.value FOR entry IN map_entries(open_rejects)] AS open_rejects
    FROM source_status
    """,
    """
    SELECT
        source, strftime(started_at, '%Y-%m-%d %H:%M') AS last_run_utc, state,
        discovered, new, changed, already_loaded, rejected, error
    FROM source_status
    """,
)

# The signs of a day in the calendar.
DAY_SIGNS = {
    "complete": "#",
    "partial": "p",
    "failed": "!",
    "no articles": ".",
    "overdue": "s",
    "not checked": "?",
}
MAX_MONTHS, MAX_GAPS = 12, 5

_INCREMENTAL_SQL = """
    SELECT
        (SELECT min(started_at) FROM runs WHERE source = $source AND is_incremental) AS followed_since,
        (SELECT max(started_at) FROM runs WHERE source = $source AND is_incremental
            AND state IN ('completed', 'degraded') AND failed_listings = 0) AS last_whole_run,
        (SELECT arg_max(since, started_at) FROM runs WHERE source = $source AND is_incremental) AS back_to,
        (SELECT count(*) FROM article_urls WHERE source = $source) AS known_addresses,
        (SELECT count(*) FROM rejects WHERE source = $source AND resolved_at IS NULL) AS rejected,
        (SELECT count(*) FROM open_rejects WHERE source = $source AND is_due) AS due
"""
_REGRESSIONS_SQL = """
    SELECT *
    FROM drift
    QUALIFY is_regression AND week_on = max(week_on) OVER (PARTITION BY source)
    ORDER BY source, field
"""
_CHECK_ERRORS_SQL = """
    SELECT source, name, failing_rows, error
    FROM check_results
    WHERE severity = 'error' OR error IS NOT NULL
    QUALIFY (failing_rows > 0 OR error IS NOT NULL)
        AND checked_at = max(checked_at) OVER (PARTITION BY source)
    ORDER BY source, name
"""
_OVERDUE_SQL = """
    SELECT *
    FROM freshness
    WHERE is_overdue
    QUALIFY section IS NULL OR NOT bool_or(section IS NULL) OVER (PARTITION BY source)
"""
_LISTINGS_SQL = """
    SELECT requested_url AS listing, kind, min(fetched_at) AS followed_since, max(fetched_at) AS last_read
    FROM captures
    WHERE source = $source AND kind NOT IN ('article', 'robots') AND via = 'web'
        -- Of a listing its first page only.
        AND regexp_replace(requested_url, '_\\d+(\\.\\w+)$', '\\1') NOT IN (
            SELECT requested_url FROM captures WHERE kind = 'listing'
        )
    GROUP BY ALL
    ORDER BY kind, listing
"""
_PUBLICATION_SQL = """
    SELECT
        published_at, published.articles,
        left(run_id::VARCHAR, 8) || ' (' || kind || ' of ' || source || ', ' || state || ')' AS run
    FROM published
    LEFT JOIN runs USING (run_id)
"""
_OVERRIDES_SQL = """
    SELECT made_at, kind, coalesce(start_on::VARCHAR, url) AS what
    FROM operator_overrides
    WHERE source = $source
    ORDER BY made_at
"""


def print_status(path: WarehouseLocation, output: TextIO | None = None) -> None:
    """Prints what is there, the last runs, the calendar of each source and what needs a person.

    Raises WarehouseError if there is no warehouse to read.
    """
    output = output or sys.stdout
    for statement in _STATUS_SQL:
        write_result(run_query(path, statement), format="table", output=output)
    for line in (
        f"published: {describe_publication(path)}",
        *format_calendar(path),
        *list_action_items(path),
    ):
        output.write(f"{line}\n")


def run_checks(
    folder: DataFolder,
    *,
    source: str | None = None,
    names: Iterable[str] = (),
    rows: int = checks.DEFAULT_ROWS,
) -> tuple[Finding, ...]:
    """What the checks find in what is published of the folder's warehouse.

    Raises WarehouseError if there is none to read.
    """
    with translate_errors(folder.published), closing(connect(folder.published)) as connection:
        return checks.run_checks(
            connection,
            files=reader.list_files(folder.archive),
            data_dir_id=folder.load_folder_id(),
            source=source,
            names=names,
            rows=rows,
        )


def describe_publication(path: WarehouseLocation) -> str:
    """Of which run the copy is, with how many articles, and of when."""
    if isinstance(path, Lake):
        return "a lake, whose readers see every load at once"
    for published_at, articles, run in run_query(path, _PUBLICATION_SQL).rows:
        return f"{articles} articles, {published_at:%Y-%m-%d %H:%M:%S} UTC, after {run or 'no run'}"
    return "no copy but a writer's file"


def format_calendar(path: WarehouseLocation) -> Iterable[str]:
    """Of each source its last months with a known day, a month a line, a day a sign."""
    with translate_errors(path), closing(connect(path)) as connection:
        found = connection.execute(
            "SELECT source, published_on, if(is_overdue, 'overdue', state) FROM coverage_calendar"
        ).fetchall()
    if not found:
        return
    yield "calendar: " + ", ".join(f"{sign} {state}" for state, sign in DAY_SIGNS.items())
    for source, days in groupby(found, key=lambda row: row[0]):
        signs: dict[date, str] = {day: DAY_SIGNS[state] for _, day, state in days}
        months = sorted({(day.year, day.month) for day in signs})
        for year, month in months[-MAX_MONTHS:]:
            line = [" "] * 31
            for day, sign in signs.items():
                if (day.year, day.month) == (year, month):
                    line[day.day - 1] = sign
            yield f"{source:<12} {year}-{month:02} {''.join(line).rstrip()}"


class ActionItem(NamedTuple):
    """What a person should know of, and the command for it; `source` is None for what is everybody's."""

    source: str | None
    text: str
    command: str
    section: str | None = None

    def __str__(self) -> str:
        """As `newsetl status` prints it."""
        if self.source is None:
            return f"{self.text}: {self.command}"
        section = f", section {self.section}" if self.section else ""
        return f"{self.source}{section}: {self.text}\n    {self.command}"


def list_action_items(path: WarehouseLocation) -> Iterable[ActionItem]:
    """What a person should do: about gaps, refusals that wait, fields that fell, defects and silence."""
    with translate_errors(path), closing(connect(path)) as connection:
        gaps = connection.execute(
            "SELECT source, since, until, days, gap, detail, command FROM coverage_gaps ORDER BY since DESC"
        ).fetchall()
    for source, since, until, days, gap, why, command in gaps[:MAX_GAPS]:
        stretch = f"{since}" if days == 1 else f"{since} to {until} ({days} days)"
        yield ActionItem(source, f"{stretch} {gap}{f' ({why})' if why else ''}", command)
    if len(gaps) > MAX_GAPS:
        yield ActionItem(None, f"{len(gaps) - MAX_GAPS} more gaps", 'newsetl sql "FROM coverage_gaps"')
    waiting = [refusal for refusal in list_open_rejects(path) if refusal.policy is Policy.MANUAL]
    for (source, reason), group in groupby(waiting, key=lambda refusal: (refusal.source, refusal.reason)):
        refusals = list(group)
        yield ActionItem(
            source, f"{len(refusals)} {reason}: {refusals[0].advice}", f"newsetl rejects --reason {reason}"
        )
    yield from _list_regressions(path)
    yield from _list_check_errors(path)
    yield from _list_overdue(path)


def _list_regressions(path: WarehouseLocation) -> Iterable[ActionItem]:
    """The fields that articles of each source's newest week lack more often than before."""
    for row in _query_records(path, _REGRESSIONS_SQL):
        yield ActionItem(
            row["source"], describe_regression(row), f"newsetl check drift --source {row['source']}"
        )


def _list_check_errors(path: WarehouseLocation) -> Iterable[ActionItem]:
    """The defects that were found after each source's last run."""
    for row in _query_records(path, _CHECK_ERRORS_SQL):
        found = (
            f"{row['failing_rows']} wrong" if row["error"] is None else f"could not be made: {row['error']}"
        )
        command = f"newsetl check {row['name']} --source {row['source']}"
        yield ActionItem(row["source"], f"check {row['name']}: {found}", command)


def _list_overdue(path: WarehouseLocation) -> Iterable[ActionItem]:
    """The sources, and of the others the sections, that have been silent for longer than they used to be."""
    for row in _query_records(path, _OVERDUE_SQL):
        asked = f"last queried {row['queried_at']:%Y-%m-%d}" if row["queried_at"] else "not checked"
        silent = (
            f"overdue: no articles for {row['days_since_last']} days, since {row['last_on']}; "
            f"{row['allowed_days']} would be usual; {asked}"
        )
        yield ActionItem(
            row["source"], silent, 'newsetl sql "FROM freshness WHERE is_overdue"', row["section"]
        )


def _query_records(path: WarehouseLocation, statement: str) -> Iterable[dict[str, Any]]:
    result = run_query(path, statement)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def print_state(path: WarehouseLocation, source: str, output: TextIO | None = None) -> None:
    """Prints what the daily run of `source` goes by. Raises WarehouseError as `show_status` does."""
    for statement in (_INCREMENTAL_SQL, _LISTINGS_SQL, _OVERRIDES_SQL):
        write_result(
            run_query(path, statement.replace("$source", f"'{source}'")), format="table", output=output
        )
