"""Data quality checks: each file in `warehouse/checks/` is a query for rows that fail one check."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast
from uuid import UUID

import duckdb

from newsetl.db import sql
from newsetl.db.duckdb_errors import format_error
from newsetl.errors import ConfigError

Severity = Literal["error", "warning"]

DEFAULT_ROWS = 5
# A run that has parsed more articles than this is checked without a restriction on rows.
_MAX_ROWIDS = 10_000

_OTHER_ARCHIVES_SQL = """
    INSERT INTO archive_files
    SELECT DISTINCT file
    FROM captures JOIN runs USING (run_id)
    WHERE file IS NOT NULL AND data_dir_id IS DISTINCT FROM $1
"""


@dataclass(frozen=True, slots=True)
class Check:
    """Query that should return no rows.

    A row of an error is a fault of the warehouse or the archive. A row of a warning can be correct and should
    be reviewed. `row` is the grain of the query ("One row per …"), `advice` the action to take.
    """

    name: str
    severity: Severity
    row: str
    advice: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of a check: the number of failing rows, and the first of them as `rows`.

    `failing_rows` is None if the check could not run; `error` then has the reason, and
    `is_out_of_memory` is True if more memory would help.
    """

    check: Check
    failing_rows: int | None
    rows: tuple[dict[str, Any], ...] = ()
    error: str | None = None
    is_out_of_memory: bool = False

    @property
    def is_error(self) -> bool:
        """True for failing rows of an error, and for a check that could not run."""
        return self.error is not None or bool(self.failing_rows and self.check.severity == "error")


@cache
def load_checks() -> tuple[Check, ...]:
    """Return all checks by name, from the first two comment lines of their files."""
    return tuple(_load_check(name) for name in sql.list_sql("checks"))


def _load_check(name: str) -> Check:
    row, second = (line.removeprefix("-- ") for line in sql.load_sql(f"checks/{name}").splitlines()[:2])
    severity, _, advice = second.partition(": ")
    return Check(name, cast("Severity", severity), row, advice)


def select_checks(names: Iterable[str]) -> tuple[Check, ...]:
    """Return the named checks; without names all. Raise ConfigError for an unknown name."""
    known = {check.name: check for check in load_checks()}
    if unknown := [name for name in names if name not in known]:
        raise ConfigError(f"{unknown[0]}: unknown check; use one of: {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(names)) or load_checks()


def find_regressions(findings: Iterable[Finding]) -> tuple[dict[str, Any], ...]:
    """Return the rows of the check `drift`: weeks and fields with a regression, which degrade a run."""
    return tuple(row for finding in findings if finding.check.name == "drift" for row in finding.rows)


def describe_regression(row: dict[str, Any]) -> str:
    """Return the field's value and baseline as text, from a row of the check `drift`."""
    if row["unit"] == "share":
        now, before = f"{row['value']:.0%}", f"{row['baseline']:.0%}"
    else:
        now, before = f"{row['value']:.0f} {row['unit']}", f"{row['baseline']:.0f}"
    return (
        f"{row['field']} {now} in the {row['articles']} articles of the week from {row['week_on']}, "
        f"usually {before}"
    )


def run_checks(
    connection: duckdb.DuckDBPyConnection,
    *,
    files: Iterable[str],
    data_dir_id: UUID | None = None,
    source: str | None = None,
    run_id: UUID | None = None,
    names: Iterable[str] = (),
    rows: int = DEFAULT_ROWS,
) -> tuple[Finding, ...]:
    """Run the checks for one source or all, and return one finding per check.

    `files` are the names of the archive's files. The archives of a lake's other data directories cannot be
    listed here, so their files are assumed to exist. With `run_id`, checks of single articles are restricted
    to the articles that the run parsed. `rows` limits the rows per finding. Raise ConfigError for an unknown
    name.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE archive_files AS SELECT unnest($files::VARCHAR[]) AS file",
        {"files": list(files)},
    )
    if data_dir_id is not None:
        connection.execute(_OTHER_ARCHIVES_SQL, [data_dir_id])
    scope = "true" if run_id is None else _build_run_condition(connection, run_id)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW checked_articles AS FROM articles WHERE {scope}")
    try:
        skipped = frozenset(_find_skippable(connection, source, run_id) if source and run_id else ())
        return tuple(
            Finding(check, 0) if check.name in skipped else _run_check(connection, check, source, rows)
            for check in select_checks(tuple(names))
        )
    finally:
        connection.execute("DROP VIEW checked_articles; DROP TABLE archive_files")


def _build_run_condition(connection: duckdb.DuckDBPyConnection, run_id: UUID) -> str:
    """Return a condition on rowids; only rowids keep DuckDB from reading every text."""
    rows = connection.execute(
        "SELECT articles.rowid FROM articles SEMI JOIN "
        "(SELECT article_id FROM captures WHERE run_id = ?) USING (article_id) LIMIT ?",
        [run_id, _MAX_ROWIDS + 1],
    ).fetchall()
    if len(rows) > _MAX_ROWIDS:
        return "true"
    return f"rowid IN ({', '.join(str(rowid) for (rowid,) in rows)})" if rows else "false"


def _find_skippable(connection: duckdb.DuckDBPyConnection, source: str, run_id: UUID) -> Iterator[str]:
    """Yield the names of checks of all rows that passed last time and that the run cannot have changed."""

    def query(name: str, **parameters: object) -> list[Any]:
        return connection.execute(sql.load_sql(f"touched/{name}"), parameters).fetchall()

    try:
        if run := query("run", run_id=run_id):
            passed = {name for (name,) in query("passed", source=source)}
            if "orphans" in passed and not query("orphans", run_id=run_id):
                yield "orphans"
            ((started_at,),) = run
            if "early_requests" in passed and not query(
                "early_requests", source=source, started_at=started_at
            ):
                yield "early_requests"
        ((since, until),) = query("weeks")
        if since is None or not query("drift", since=since, until=until):
            yield "drift"
    except duckdb.InterruptException:
        raise
    except duckdb.Error:  # the checks themselves report the error
        return


def _run_check(
    connection: duckdb.DuckDBPyConnection, check: Check, source: str | None, max_rows: int
) -> Finding:
    # A row without an article has no source, and is reported for every source.
    source_condition = "" if source is None else "WHERE source = $source OR source IS NULL"
    statement = sql.load_sql(f"checks/{check.name}")
    parameters = {} if source is None else {"source": source}
    try:
        ((failing_rows,),) = connection.execute(
            f"SELECT count(*) FROM ({statement}) {source_condition}", parameters
        ).fetchall()
        if not failing_rows:
            return Finding(check, 0)
        # MATERIALIZED: DuckDB 2.0 fails on LIMIT over ordered rows that are restricted by rowids.
        samples = connection.execute(
            f"WITH failing AS MATERIALIZED ({statement}) "
            f"SELECT to_json(failing) FROM failing {source_condition} LIMIT {max_rows}",
            parameters,
        ).fetchall()
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:  # a failed check must not fail the run, not even if memory runs out
        is_out_of_memory = isinstance(error, duckdb.OutOfMemoryException)
        return Finding(check, None, error=format_error(error), is_out_of_memory=is_out_of_memory)
    return Finding(check, failing_rows, tuple(json.loads(text) for (text,) in samples))
