"""A replica whose pages are the same at every visit, and `newsetl` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from itertools import repeat
from pathlib import Path
from typing import Any

from newsetl import compare, schema
from newsetl.replica import Channel, Replica

# The command with small batches, so that a short run has many.
PROGRAM = (
    "import sys, newsetl.pipeline as pipeline; pipeline.BATCH_PAGES = 7; "
    "sys.argv[0] = 'newsetl'; from newsetl.cli import main; main()"
)
# Listings are asked for again by every run; an article never.
ARTICLES_ONLY = {"captures": "kind = 'article'"}


def served(articles: int, **fields: Any) -> Replica:
    """A channel whose Top News stand still: the real ones, filled anew for each visit, differ by visit."""
    channel = Channel(articles=articles, since=date(2024, 3, 1), until=date(2024, 4, 20), **fields)
    replica = Replica(channel)
    replica._turns = repeat(0)  # type: ignore[assignment]
    return replica


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
    with schema.opened(folder / "news.duckdb", is_read_only=True) as connection:
        return compare.contents(connection, compare.ONLY_THIS_RUN_HAS, only=ARTICLES_ONLY)
