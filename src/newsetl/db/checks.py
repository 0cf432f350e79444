"""What is wrong with the rows of a warehouse: each file in `warehouse/checks/` finds one kind of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast
from uuid import UUID

import duckdb

from newsetl.db import sql
from newsetl.db.connection import format_error
from newsetl.errors import ConfigError

Severity = Literal["error", "warning"]

DEFAULT_ROWS = 5
# A run that has read more is worth a look at everything.
_MAX_ROWIDS = 10_000

_OTHER_ARCHIVES_SQL = """
    INSERT INTO archive_files
    SELECT DISTINCT file
    FROM captures JOIN runs USING (run_id)
    WHERE file IS NOT NULL AND data_dir_id IS DISTINCT FROM $1
"""


@dataclass(frozen=True, slots=True)
class Check:
    """A question whose answer should be empty.

    An error cannot be if all is well; a warning may be right, and should be looked at. `row` says what one
    row of the answer is, `advice` what to do about it.
    """

    name: str
    severity: Severity
    row: str
    advice: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: how many `failing_rows` there are, and the first of them.

    `failing_rows` is None if the check could not be made; then `error` says why.
    """

    check: Check
    failing_rows: int | None
    rows: tuple[dict[str, Any], ...] = ()
    error: str | None = None

    @property
    def is_error(self) -> bool:
        """True for what cannot be if all is well, and for a check that could not be made."""
        return self.error is not None or bool(self.failing_rows and self.check.severity == "error")


@cache
def load_checks() -> tuple[Check, ...]:
    """All checks, by name; the first two lines of their files say what they are."""
    return tuple(_load_check(name) for name in sql.list_sql("checks"))


def _load_check(name: str) -> Check:
    row, second = (line.removeprefix("-- ") for line in sql.load_sql(f"checks/{name}").splitlines()[:2])
    severity, _, advice = second.partition(": ")
    return Check(name, cast("Severity", severity), row, advice)


def select_checks(names: Iterable[str]) -> tuple[Check, ...]:
    """The checks of these names, all without any. Raises ConfigError for a name of none."""
    known = {check.name: check for check in load_checks()}
    if unknown := [name for name in names if name not in known]:
        raise ConfigError(f"{unknown[0]}: no check; there are: {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(names)) or load_checks()


def find_regressions(findings: Iterable[Finding]) -> tuple[dict[str, Any], ...]:
    """The weeks and fields that articles lack more often than before; any of them degrades a run."""
    return tuple(row for finding in findings if finding.check.name == "drift" for row in finding.rows)


def describe_regression(row: dict[str, Any]) -> str:
    """How far a field is below what it was, from a row of the view drift."""
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
    """What the checks find, of one source or all; `files` are those of the folder's archive.

    Of a lake's other folders, whose archives are elsewhere, the files are taken to be there.
    With a run, what is about single articles looks only at those that the run read.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE archive_files AS SELECT unnest($files::VARCHAR[]) AS file",
        {"files": list(files)},
    )
    if data_dir_id is not None:
        connection.execute(_OTHER_ARCHIVES_SQL, [data_dir_id])
    scope = "true" if run_id is None else _build_run_condition(connection, run_id)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW read_articles AS FROM articles WHERE {scope}")
    try:
        spared = frozenset(_find_skippable(connection, source, run_id) if source and run_id else ())
        return tuple(
            Finding(check, 0) if check.name in spared else _run_check(connection, check, source, rows)
            for check in select_checks(tuple(names))
        )
    finally:
        connection.execute("DROP VIEW read_articles; DROP TABLE archive_files")


def _build_run_condition(connection: duckdb.DuckDBPyConnection, run_id: UUID) -> str:
    """A condition on rowids, the only one that spares DuckDB from reading every text."""
    found = connection.execute(
        "SELECT articles.rowid FROM articles SEMI JOIN "
        "(SELECT article_id FROM captures WHERE run_id = ?) USING (article_id) LIMIT ?",
        [run_id, _MAX_ROWIDS + 1],
    ).fetchall()
    if len(found) > _MAX_ROWIDS:
        return "true"
    return f"rowid IN ({', '.join(str(rowid) for (rowid,) in found)})" if found else "false"


def _find_skippable(connection: duckdb.DuckDBPyConnection, source: str, run_id: UUID) -> Iterator[str]:
    """Checks that would find nothing, by what the run touched alone: they are about more than that.

    What is about the whole was sound when it was looked at last.
    """

    def found(name: str, **given: object) -> list[Any]:
        return connection.execute(sql.load_sql(f"touched/{name}"), given).fetchall()

    try:
        if run := found("run", run_id=run_id):
            sound = {name for (name,) in found("sound", source=source)}
            if "orphans" in sound and not found("orphans", run_id=run_id):
                yield "orphans"
            if "early_requests" in sound and not found("early_requests", source=source, started_at=run[0][0]):
                yield "early_requests"
        ((since, until),) = found("weeks")
        if since is None or not found("drift", since=since, until=until):
            yield "drift"
    except duckdb.InterruptException:
        raise
    except duckdb.Error:  # the checks themselves will say it
        return


def _run_check(
    connection: duckdb.DuckDBPyConnection, check: Check, source: str | None, max_rows: int
) -> Finding:
    # A row that belongs to no article has no source either, and is everybody's.
    of_source = "" if source is None else "WHERE source = $source OR source IS NULL"
    statement = sql.load_sql(f"checks/{check.name}")
    parameters = {} if source is None else {"source": source}
    try:
        ((wrong,),) = connection.execute(
            f"SELECT count(*) FROM ({statement}) {of_source}", parameters
        ).fetchall()
        if not wrong:
            return Finding(check, 0)
        # Materialised, since DuckDB 2.0 breaks down over the first few of ordered rows that rowids restrict.
        found = connection.execute(
            f"WITH wrong AS MATERIALIZED ({statement}) "
            f"SELECT to_json(wrong) FROM wrong {of_source} LIMIT {max_rows}",
            parameters,
        ).fetchall()
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:  # a check stops nothing, not even for want of memory
        return Finding(check, None, error=format_error(error))
    return Finding(check, wrong, tuple(json.loads(text) for (text,) in found))
