"""Mock site whose pages do not change between requests, and helpers that run newsetl against it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

from newsetl import sources
from newsetl.db import compare
from newsetl.db import connection as connection_
from newsetl.db.writer import Warehouse
from newsetl.pipeline import ingest as ingest_
from newsetl.pipeline import rebuild as rebuilding
from newsetl.pipeline import recover, summaries
from newsetl.pipeline.summary import RunSummary
from newsetl.query import reader
from newsetl.replica import MockServer, MockSite
from newsetl.replica.response import TEXT, MockResponse
from newsetl.runtime.data_folder import DataFolder
from newsetl.sources.config import Source

# newsetl with small batches, so that a short run has several.
PROGRAM = (
    "import sys, newsetl.pipeline.batch_size as batch_size; batch_size.BATCH_PAGES = 7; "
    "sys.argv[0] = 'newsetl'; from newsetl.cli.main import main; main()"
)
# Every run requests listings again, but no article twice.
ARTICLES_ONLY = {"captures": "kind = 'article'"}
# Eight weeks, Monday to Sunday, of fourteen articles each. From RELAID on pages have a new layout.
SINCE, UNTIL = date(2026, 3, 2), date(2026, 4, 26)
LAST_WEEK, RELAID = date(2026, 4, 20), date(2026, 4, 22)


class Failing(MockServer):
    """Mock server that returns 410 for the paths in `broken`."""

    broken: frozenset[str] = frozenset()

    def respond(self, path: str) -> MockResponse:
        """Return 410 for a broken path."""
        if path in self.broken:
            return MockResponse(b"out of order", TEXT, HTTPStatus.GONE)
        return super().respond(path)


COMMAND = (sys.executable, "-c", PROGRAM)


def served(articles: int, cls: type[Failing] = Failing, **fields: Any) -> Failing:
    """Build a mock server whose Top News do not change between requests."""
    days = {"since": date(2024, 3, 1), "until": date(2024, 4, 20)}
    server = cls(MockSite(articles=articles, **(days | fields)))
    server._variants = repeat(0)  # type: ignore[assignment]
    return server


class Weeks(NamedTuple):
    """Data directory after four runs: without the last week, with it, with no change, after some edits.

    `said` has the state and the summary of the first three runs.
    """

    folder: Path
    said: list[str]


def weeks(folder: Path) -> Weeks:
    """Load the eight weeks into a data directory."""
    with served(112, since=SINCE, until=UNTIL) as server:
        server.site.new_layout_from = RELAID
        last = frozenset(LAST_WEEK + timedelta(days=n) for n in range(7))
        summaries_text = []
        for hidden in (last, frozenset[date](), frozenset[date]()):
            server.site.hidden = hidden
            summary = ingest(folder, source_of(server))
            summaries_text.append(f"{summary.state}\n{summaries.format_summary(summary)}")
        _ingest_edits(folder, server)
    return Weeks(folder, summaries_text)


def _ingest_edits(folder: Path, server: MockServer) -> None:
    """Edit two headlines and a text, add two syndicated copies, and ingest."""
    site = server.site
    articles = [
        article
        for article in site.listed_articles
        if article.number >= 0 and article.published_at.date() < RELAID and "/web/" in article.paths[0]
    ]
    for article, title in zip(
        articles[:3], ("A Lake Learns to Breathe", "Small Motors, Long Roads", None), strict=True
    ):
        site.edit(article, title=title)
    with opened(folder, source_of(server)) as warehouse:
        for article in articles[:3]:
            warehouse.crawl_state.add_override(
                "stdaily", url=server.base_url + article.paths[0], made_at=now()
            )
    for article in articles[3:5]:
        site.syndicate(article)
    ingest(folder, source_of(server))


def now() -> datetime:
    """Return the current time (UTC)."""
    return datetime.now(UTC)


def source_of(server: MockServer) -> Source:
    """Return the source with the mock server's base URL."""
    return sources.load("stdaily").with_base_url(server.base_url)


@contextmanager
def opened(folder: Path, source: Source) -> Iterator[Warehouse]:
    """Open the directory's warehouse for writing, with the source registered."""
    with recover.open_warehouse(DataFolder(folder), clock=now, declared=[source]) as warehouse:
        warehouse.register_source(source)
        yield warehouse


def ingest(folder: Path, source: Source, **options: Any) -> RunSummary:
    """Run one ingest into the directory, in this process."""
    with opened(folder, source) as warehouse:
        return ingest_.ingest(source, warehouse, DataFolder(folder).archive, clock=now, **options)


def rows(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """Query the directory's published copy."""
    return list(reader.run_query(folder / "news.duckdb", statement).rows)


def unpublished(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """Query the directory's working database."""
    return list(reader.run_query(folder / "work.duckdb", statement).rows)


def lose(folder: Path) -> None:
    """Delete the directory's databases."""
    for path in folder.glob("*.duckdb*"):
        path.unlink()


def newsetl(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Start `newsetl` with the arguments."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **({"env": {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}} | options),
    )


def ended(*arguments: object, **options: Any) -> tuple[int, str, str]:
    """Run `newsetl` and return its exit status, stdout and stderr."""
    with newsetl(*arguments, **options) as process:
        output, errors = process.communicate(timeout=600)
    return process.returncode, output, errors


def contents(folder: Path) -> dict[str, tuple[int, str]]:
    """Return row count and digest per table, without run-specific columns."""
    with connection_.open_connection(folder / "work.duckdb", is_read_only=True) as connection:
        return compare.compute_digests(connection, compare.RUN_SPECIFIC, conditions=ARTICLES_ONLY)


def rebuilt_contents(
    folder: Path, exempt: compare.ExemptColumns = compare.NOT_IN_ARCHIVE
) -> dict[str, tuple[int, str]]:
    """Return row count and digest per table, of the columns that a rebuild must restore."""
    with connection_.open_connection(folder / "work.duckdb", is_read_only=True) as connection:
        return compare.compute_rebuilt_digests(connection, exempt)


def rebuild(folder: Path, **options: Any) -> rebuilding.RebuildResult:
    """Rebuild the directory's warehouse from its archive."""
    return rebuilding.rebuild(DataFolder(folder), clock=now, **options)
