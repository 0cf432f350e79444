"""Updates of derived tables after a load: coverage, people, search index and duplicates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import duckdb

from newsetl.db import arrow_tables, duplicates, search_index, sql
from newsetl.db.incoming_tables import register_tables
from newsetl.db.session import Session
from newsetl.sources.config import Source

# Matches printed names to people with the corrections of a source: normalise.people.match_people.
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
        names = connection.execute("SELECT name, kind FROM printed_names").fetchall()
        with register_tables(connection, arrow_tables.build_people_tables(identify(names, source))):
            for name in _PEOPLE:
                connection.execute(sql.load_sql(f"load/people/{name}"), {"source": source.slug})
        connection.execute("DROP TABLE printed_names")

    session.write(rebuild)


def update_search_and_duplicates(session: Session) -> None:
    """Add new and changed articles to the search index and to the clusters of duplicates.

    Each transaction takes `search_index.BATCH_ARTICLES` articles from the queue. If the process is killed,
    the next call continues.
    """

    def update(connection: duckdb.DuckDBPyConnection) -> None:
        search_index.select_pending(connection)
        duplicates.add_missing_sketches(connection)
        search_index.index_selected(connection)
        duplicates.update_pairs(connection)
        duplicates.update_clusters(connection)
        search_index.remove_pending(connection)

    while session.read(search_index.has_pending):
        session.write(update)
