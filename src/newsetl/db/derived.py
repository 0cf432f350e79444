"""Tables that follow from others after a load: coverage, people, search index and duplicates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import duckdb

from newsetl.db import arrow_tables, duplicates, search_index, sql
from newsetl.db.incoming_tables import registered
from newsetl.db.session import Session
from newsetl.sources.config import Source

# Names as printed and a source's corrections → the people they are, as normalise.people has it.
Identify = Callable[[Iterable[Any], Source], Any]

_COVERAGE = (
    "coverage/coverage_queries", "coverage/coverage_touched", "coverage/coverage_clear",
    "coverage/coverage_insert", "coverage/coverage_expected", "coverage/coverage_queue_clear",
)  # fmt: skip
_PEOPLE = ("name_matches_clear", "name_matches_insert", "people_clear", "people_insert")


def rebuild_coverage(session: Session, source: str) -> None:
    """Rebuild the source's coverage of the days that a load or a query touched."""
    session.run_all(_COVERAGE, source=source)


def rebuild_people(session: Session, source: Source, identify: Identify) -> None:
    """Rebuild the source's people from the printed names and its corrections."""

    def rebuild(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(sql.load_sql("load/people/people_printed"), {"source": source.slug})
        names = connection.execute("SELECT name, kind FROM printed").fetchall()
        with registered(connection, arrow_tables.build_people_tables(identify(names, source))):
            for name in _PEOPLE:
                connection.execute(sql.load_sql(f"load/people/{name}"), {"source": source.slug})
        connection.execute("DROP TABLE printed")

    session.write(rebuild)


def update_search_and_duplicates(session: Session) -> None:
    """Index new and changed articles for search, and put them into their clusters of duplicates.

    Works in steps of a thousand articles. What a killed process leaves is done by the next call.
    """

    def update(connection: duckdb.DuckDBPyConnection) -> None:
        search_index.take_pending(connection)
        duplicates.add_missing_sketches(connection)
        search_index.index_taken(connection)
        duplicates.update_pairs(connection)
        duplicates.update_clusters(connection)
        search_index.finish_pending(connection)

    while session.read(search_index.has_pending):
        session.write(update)
