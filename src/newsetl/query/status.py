"""Status of the warehouse: sources, last runs, coverage calendar and action items."""

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
    """Articles, last run and open rejects of a source; fields of the run are None before the first run."""

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
    """Return one SourceStatus per source, by slug. Raise WarehouseError if the warehouse cannot be read."""
    columns = ", ".join(field.name for field in fields(SourceStatus))
    with translate_errors(path), connect(path) as connection:
        rows = connection.execute(f"SELECT {columns} FROM source_status").fetchall()
    return tuple(SourceStatus(*row) for row in rows)


# Column names say that times are in UTC.
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

# Day state → sign in the calendar.
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
        (SELECT min(started_at) FROM runs WHERE source = $source AND is_incremental) AS incremental_since,
        (SELECT max(started_at) FROM runs WHERE source = $source AND is_incremental
            AND state IN ('completed', 'degraded') AND failed_listings = 0) AS last_complete_run,
        (SELECT arg_max(since, started_at) FROM runs WHERE source = $source AND is_incremental)
            AS last_start_on,
        (SELECT count(*) FROM article_urls WHERE source = $source) AS known_urls,
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
    SELECT requested_url AS listing, kind, min(fetched_at) AS first_fetched, max(fetched_at) AS last_fetched
    FROM captures
    WHERE source = $source AND kind NOT IN ('article', 'robots') AND via = 'web'
        -- Only the first page of each listing.
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
    """Print the sources, their last runs, the coverage calendar and the action items.

    Raise WarehouseError if the warehouse cannot be read.
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
    """Run the checks on the published warehouse of the data directory, and return one finding per check.

    Raise WarehouseError if the warehouse cannot be read, and ConfigError for an unknown check.
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
    """Return number of articles, time and run of the published copy as text."""
    if isinstance(path, Lake):
        return "a lake, whose readers see every load at once"
    for published_at, articles, run in run_query(path, _PUBLICATION_SQL).rows:
        return f"{articles} articles, {published_at:%Y-%m-%d %H:%M:%S} UTC, after {run or 'no run'}"
    return "not a published copy but a writer's file"


def format_calendar(path: WarehouseLocation) -> Iterable[str]:
    """Yield the coverage calendar of each source: one line per month and one sign per day."""
    with translate_errors(path), closing(connect(path)) as connection:
        rows = connection.execute(
            "SELECT source, published_on, if(is_overdue, 'overdue', state) FROM coverage_calendar"
        ).fetchall()
    if not rows:
        return
    yield "calendar: " + ", ".join(f"{sign} {state}" for state, sign in DAY_SIGNS.items())
    for source, days in groupby(rows, key=lambda row: row[0]):
        signs: dict[date, str] = {day: DAY_SIGNS[state] for _, day, state in days}
        months = sorted({(day.year, day.month) for day in signs})
        for year, month in months[-MAX_MONTHS:]:
            line = [" "] * 31
            for day, sign in signs.items():
                if (day.year, day.month) == (year, month):
                    line[day.day - 1] = sign
            yield f"{source:<12} {year}-{month:02} {''.join(line).rstrip()}"


class ActionItem(NamedTuple):
    """Problem that needs a manual action, with its command; `source` is None if it concerns all sources."""

    source: str | None
    text: str
    command: str
    section: str | None = None

    def __str__(self) -> str:
        """Return the text that `newsetl status` prints."""
        if self.source is None:
            return f"{self.text}: {self.command}"
        section = f", section {self.section}" if self.section else ""
        return f"{self.source}{section}: {self.text}\n    {self.command}"


def list_action_items(path: WarehouseLocation) -> Iterable[ActionItem]:
    """Yield action items: gaps, rejects for manual action, regressions, check errors, overdue sources."""
    with translate_errors(path), closing(connect(path)) as connection:
        gaps = connection.execute(
            "SELECT source, since, until, days, gap, detail, command FROM coverage_gaps ORDER BY since DESC"
        ).fetchall()
    for source, since, until, days, gap, detail, command in gaps[:MAX_GAPS]:
        period = f"{since}" if days == 1 else f"{since} to {until} ({days} days)"
        yield ActionItem(source, f"{period} {gap}{f' ({detail})' if detail else ''}", command)
    if len(gaps) > MAX_GAPS:
        yield ActionItem(None, f"{len(gaps) - MAX_GAPS} more gaps", 'newsetl sql "FROM coverage_gaps"')
    manual = [reject for reject in list_open_rejects(path) if reject.policy is Policy.MANUAL]
    for (source, reason), group in groupby(manual, key=lambda reject: (reject.source, reject.reason)):
        rejects = list(group)
        yield ActionItem(
            source, f"{len(rejects)} {reason}: {rejects[0].advice}", f"newsetl rejects --reason {reason}"
        )
    yield from _list_regressions(path)
    yield from _list_check_errors(path)
    yield from _list_overdue(path)


def _list_regressions(path: WarehouseLocation) -> Iterable[ActionItem]:
    """Yield an item for each field with a regression in the newest week of its source."""
    for row in _query_records(path, _REGRESSIONS_SQL):
        yield ActionItem(
            row["source"], describe_regression(row), f"newsetl check drift --source {row['source']}"
        )


def _list_check_errors(path: WarehouseLocation) -> Iterable[ActionItem]:
    """Yield an item for each error that the checks found after the source's last run."""
    for row in _query_records(path, _CHECK_ERRORS_SQL):
        result = (
            f"{row['failing_rows']} failing rows"
            if row["error"] is None
            else f"could not run: {row['error']}"
        )
        command = f"newsetl check {row['name']} --source {row['source']}"
        yield ActionItem(row["source"], f"check {row['name']}: {result}", command)


def _list_overdue(path: WarehouseLocation) -> Iterable[ActionItem]:
    """Yield an item for each overdue source, and for each overdue section of the other sources."""
    for row in _query_records(path, _OVERDUE_SQL):
        queried = f"last queried {row['queried_at']:%Y-%m-%d}" if row["queried_at"] else "not checked"
        text = (
            f"overdue: no articles for {row['days_since_last']} days, since {row['last_on']}; "
            f"at most {row['allowed_days']} days are usual; {queried}"
        )
        yield ActionItem(row["source"], text, 'newsetl sql "FROM freshness WHERE is_overdue"', row["section"])


def _query_records(path: WarehouseLocation, statement: str) -> Iterable[dict[str, Any]]:
    result = run_query(path, statement)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def print_state(path: WarehouseLocation, source: str, output: TextIO | None = None) -> None:
    """Print the crawl state of `source`: incremental runs, listings and operator overrides.

    Raise WarehouseError if the warehouse cannot be read.
    """
    for statement in (_INCREMENTAL_SQL, _LISTINGS_SQL, _OVERRIDES_SQL):
        write_result(
            run_query(path, statement.replace("$source", f"'{source}'")), format="table", output=output
        )
