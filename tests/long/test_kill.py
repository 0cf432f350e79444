"""Killed at any moment and run again, an ingest ends with the warehouse of one that nobody disturbed."""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from newsetl.archive import reader
from newsetl.db.connection import open_connection
from newsetl.query.reader import connect
from newsetl.replica import MockServer
from tests.support import replica_runs

ARTICLES, FOLDERS, KILLS = 60, 5, 8


def moments(rng: Random, replica: MockServer, folder: Path, pages: int) -> tuple[str, Callable[[], bool]]:
    """A point at which to kill, by name, and whether it has come."""
    match rng.choice(["asking", "asking", "asking", "opening", "ending"]):
        case "asking":
            due, kind = len(replica.requests) + rng.randint(1, pages), "while it asks and loads"
            return kind, lambda: len(replica.requests) >= due
        case "opening":
            lock = folder / "lock"
            before = lock.stat().st_mtime_ns if lock.exists() else 0
            return "as it opens the folder", lambda: lock.exists() and lock.stat().st_mtime_ns > before
        case _:
            due = time.monotonic() + rng.uniform(0.5, 4.0)
            return "at any time", lambda: time.monotonic() >= due


def killed(rng: Random, replica: MockServer, folder: Path, pages: int) -> str | None:
    """The point at which an ingest into the folder was killed; None if it was quicker."""
    name, has_come = moments(rng, replica, folder, pages)
    later = rng.choice([0, 0, rng.uniform(0, 0.02), rng.uniform(0, 0.3)])
    with replica_runs.newsetl(
        "ingest", "stdaily", "--data", folder, "--base-url", replica.base_url
    ) as process:
        while process.poll() is None and not has_come():
            time.sleep(0.001)
        time.sleep(later)
        process.kill()
        process.communicate()
    if (copy := folder / "news.duckdb").exists():
        connect(copy).close()  # what readers have is whole, whatever happened
    return name if process.returncode == -signal.SIGKILL else None


def test_killed_at_any_moment_and_run_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng, points, different = Random(3), Counter[str](), 0
    with replica_runs.served(ARTICLES) as replica:
        ingest = ("ingest", "stdaily", "--base-url", replica.base_url, "--data")
        status, _, errors = replica_runs.ended(*ingest, tmp_path / "undisturbed")
        assert status == 0, errors
        wanted = replica_runs.contents(tmp_path / "undisturbed")
        pages = len(replica.requests)
        assert wanted["articles"][0] == ARTICLES
        for number in range(FOLDERS):
            folder = tmp_path / str(number)
            for _ in range(KILLS):
                if (point := killed(rng, replica, folder, pages // 6)) is not None:
                    points[point] += 1
            status, _, errors = replica_runs.ended(*ingest, folder)
            assert status == 0, errors
            found = replica_runs.contents(folder)
            different += found != wanted
            assert found == wanted, f"seed 3, folder {number}"
            check_archive(folder)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{points.total()} points killed {dict(points)}, "
            f"{FOLDERS} runs compared, {different} differences\n"
        )
    assert points.total() >= 30
    assert len(points) == 3


def check_archive(folder: Path) -> None:
    """Every capture is in the archive once, whole, at the place that the warehouse names."""
    assert reader.list_open_files(folder / "archive") == ()
    kept = list(reader.iterate_captures(folder / "archive"))
    with open_connection(folder / "work.duckdb", is_read_only=True) as connection:
        rows = connection.execute('SELECT capture_id, file, "offset", length FROM captures').fetchall()
        runs = connection.execute("SELECT state, error FROM runs ORDER BY started_at").fetchall()
    assert {(c.capture_id, c.file, c.offset, c.length) for c in kept} == set(rows)  # type: ignore[union-attr]
    assert len(kept) == len(rows)
    assert runs[-1] == ("completed", None)
    assert all(
        state == "failed" and "died" in error for (state, error), _ in pairwise(runs) if state != "completed"
    )
