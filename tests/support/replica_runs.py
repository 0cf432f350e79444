"""A replica whose pages are the same at every visit, and `newsetl` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
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
from newsetl.replica.server import Handler
from newsetl.runtime.data_folder import DataFolder
from newsetl.sources.config import Source

# The command with small batches, so that a short run has many.
PROGRAM = (
    "import sys, newsetl.pipeline.batch_size as batch_size; batch_size.BATCH_PAGES = 7; "
    "sys.argv[0] = 'newsetl'; from newsetl.cli.main import main; main()"
)
# Listings are asked for again by every run; an article never.
ARTICLES_ONLY = {"captures": "kind = 'article'"}
# Eight weeks, Monday to Sunday, of fourteen articles each; from a day of the last on pages are laid out anew.
SINCE, UNTIL = date(2026, 3, 2), date(2026, 4, 26)
LAST_WEEK, RELAID = date(2026, 4, 20), date(2026, 4, 22)


class Failing(MockServer):
    """A replica that answers 410 to the paths in `broken`."""

    broken: frozenset[str] = frozenset()

    def respond(self, path: str) -> MockResponse:
        """410 for the broken ones."""
        if path in self.broken:
            return MockResponse(b"out of order", TEXT, HTTPStatus.GONE)
        return super().respond(path)


COMMAND = (sys.executable, "-c", PROGRAM)


class Held:
    """A fault that holds its response back until the test releases it.

    The limit in seconds is only there to end a hang.
    """

    def __init__(self, limit: float = 300.0) -> None:
        self._reached, self._released, self._limit = threading.Event(), threading.Event(), limit

    def __call__(self, handler: Handler, answer: MockResponse) -> None:
        """Report the request, wait for the release, and send the response."""
        self._reached.set()
        self._released.wait(self._limit)
        handler.send_mock_response(answer)

    def reached(self) -> None:
        """Wait for the request. Raise TimeoutError if none comes."""
        if not self._reached.wait(self._limit):
            raise TimeoutError("the mock site has not got the request that it would hold")

    def release(self) -> None:
        """Send the response now, and every further one at once."""
        self._released.set()


def served(articles: int, cls: type[Failing] = Failing, **fields: Any) -> Failing:
    """A channel whose Top News stand still: the real ones, filled anew for each visit, differ by visit."""
    days = {"since": date(2024, 3, 1), "until": date(2024, 4, 20)}
    replica = cls(MockSite(articles=articles, **(days | fields)))
    replica._variants = repeat(0)  # type: ignore[assignment]
    return replica


class Weeks(NamedTuple):
    """A folder after four runs: before the last week, with it, with nothing new, and one after some edits.

    `said` is how the first three ended.
    """

    folder: Path
    said: list[str]


def weeks(folder: Path) -> Weeks:
    """The eight weeks, loaded into the folder."""
    with served(112, since=SINCE, until=UNTIL) as replica:
        replica.site.new_layout_from = RELAID
        last = frozenset(LAST_WEEK + timedelta(days=n) for n in range(7))
        said = []
        for hidden in (last, frozenset[date](), frozenset[date]()):
            replica.site.hidden = hidden
            summary = ingest(folder, source_of(replica))
            said.append(f"{summary.state}\n{summaries.format_summary(summary)}")
        _edited(folder, replica)
    return Weeks(folder, said)


def _edited(folder: Path, replica: MockServer) -> None:
    """Two headlines and a text of February are changed, and two stories of then come again elsewhere."""
    channel = replica.site
    stories = [
        story
        for story in channel.listed_articles
        if story.number >= 0 and story.published_at.date() < RELAID and "/web/" in story.paths[0]
    ]
    for story, title in zip(
        stories[:3], ("A Lake Learns to Breathe", "Small Motors, Long Roads", None), strict=True
    ):
        channel.edit(story, title=title)
    with opened(folder, source_of(replica)) as warehouse:
        for story in stories[:3]:
            warehouse.crawl_state.add_override(
                "stdaily", url=replica.base_url + story.paths[0], made_at=now()
            )
    for story in stories[3:5]:
        channel.syndicate(story)
    ingest(folder, source_of(replica))


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def source_of(replica: MockServer) -> Source:
    """The source, served by the replica."""
    return sources.load("stdaily").with_base_url(replica.base_url)


@contextmanager
def opened(folder: Path, source: Source) -> Iterator[Warehouse]:
    """The folder's warehouse, open for writing, with the source in it."""
    with recover.open_warehouse(DataFolder(folder), clock=now, declared=[source]) as warehouse:
        warehouse.register_source(source)
        yield warehouse


def ingest(folder: Path, source: Source, **options: Any) -> RunSummary:
    """One ingest into the folder, as the command does it, in this process."""
    with opened(folder, source) as warehouse:
        return ingest_.ingest(source, warehouse, DataFolder(folder).archive, clock=now, **options)


def rows(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """What a query finds in what is published of the folder's warehouse."""
    return list(reader.run_query(folder / "news.duckdb", statement).rows)


def unpublished(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """What a query finds in the writer's own file."""
    return list(reader.run_query(folder / "work.duckdb", statement).rows)


def lose(folder: Path) -> None:
    """The folder has no warehouse any more."""
    for path in folder.glob("*.duckdb*"):
        path.unlink()


def newsetl(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """`newsetl` with the arguments, started."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **({"env": {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}} | options),
    )


def ended(*arguments: object, **options: Any) -> tuple[int, str, str]:
    """Exit status, output and errors of `newsetl` with the arguments."""
    with newsetl(*arguments, **options) as process:
        output, errors = process.communicate(timeout=600)
    return process.returncode, output, errors


def contents(folder: Path) -> dict[str, tuple[int, str]]:
    """What the warehouse in the folder holds, without what only a run can have."""
    with connection_.open_connection(folder / "work.duckdb", is_read_only=True) as connection:
        return compare.compute_digests(connection, compare.RUN_SPECIFIC, conditions=ARTICLES_ONLY)


def rebuilt_contents(
    folder: Path, exempt: compare.ExemptColumns = compare.NOT_IN_ARCHIVE
) -> dict[str, tuple[int, str]]:
    """Return for each table of the warehouse what a rebuild from the archive must give again."""
    with connection_.open_connection(folder / "work.duckdb", is_read_only=True) as connection:
        return compare.compute_rebuilt_digests(connection, exempt)


def rebuild(folder: Path, **options: Any) -> rebuilding.RebuildResult:
    """Make the folder's warehouse anew from its archive."""
    return rebuilding.rebuild(DataFolder(folder), clock=now, **options)
