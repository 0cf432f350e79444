"""A replica whose pages are the same at every visit, and `newsetl` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from http import HTTPStatus
from itertools import repeat
from pathlib import Path
from typing import Any

from newsetl import compare, pipeline, query, recover, schema, sources
from newsetl.folder import DataFolder
from newsetl.replica import Channel, Replica
from newsetl.replica.answer import TEXT, Answer
from newsetl.sources import Source

# The command with small batches, so that a short run has many.
PROGRAM = (
    "import sys, newsetl.pipeline as pipeline; pipeline.BATCH_PAGES = 7; "
    "sys.argv[0] = 'newsetl'; from newsetl.cli import main; main()"
)
# Listings are asked for again by every run; an article never.
ARTICLES_ONLY = {"captures": "kind = 'article'"}


class Failing(Replica):
    """A replica that answers 410 to the paths in `broken`."""

    broken: frozenset[str] = frozenset()

    def answer(self, path: str) -> Answer:
        """410 for the broken ones."""
        if path in self.broken:
            return Answer(b"out of order", TEXT, HTTPStatus.GONE)
        return super().answer(path)


def served(articles: int, **fields: Any) -> Failing:
    """A channel whose Top News stand still: the real ones, filled anew for each visit, differ by visit."""
    days = {"since": date(2024, 3, 1), "until": date(2024, 4, 20)}
    replica = Failing(Channel(articles=articles, **(days | fields)))
    replica._turns = repeat(0)  # type: ignore[assignment]
    return replica


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def source_of(replica: Replica) -> Source:
    """The source, served by the replica."""
    return sources.load("stdaily").at(replica.base)


def ingest(folder: Path, source: Source, **options: Any) -> pipeline.Summary:
    """One ingest into the folder, as the command does it, in this process."""
    where = DataFolder(folder)
    with recover.opened(where, clock=now, declared=[source]) as warehouse:
        return pipeline.ingest(source, warehouse, where.archive, clock=now, **options)


def rows(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """What a query finds in what is published of the folder's warehouse."""
    return list(query.sql(folder / "news.duckdb", statement).rows)


def unpublished(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """What a query finds in the writer's own file."""
    return list(query.sql(folder / "work.duckdb", statement).rows)


def lose(folder: Path) -> None:
    """The folder has no warehouse any more."""
    for path in folder.glob("*.duckdb*"):
        path.unlink()


def newsetl(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """`newsetl` with the arguments, started."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        **options,
    )


def ended(*arguments: object, **options: Any) -> tuple[int, str, str]:
    """Exit status, output and errors of `newsetl` with the arguments."""
    with newsetl(*arguments, **options) as process:
        output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def contents(folder: Path) -> dict[str, tuple[int, str]]:
    """What the warehouse in the folder holds, without what only a run can have."""
    with schema.opened(folder / "work.duckdb", is_read_only=True) as connection:
        return compare.contents(connection, compare.ONLY_THIS_RUN_HAS, only=ARTICLES_ONLY)
