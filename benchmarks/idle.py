"""The run that finds nothing: what a run costs that only looks, with 1,000 to 100,000 articles known.

The channel announces the same in each case: a replica, in a process of its own, whose 300 articles of the
last thirty days are known, beside the older ones that the warehouse holds. Each run opens the warehouse, asks
the index, the listings and the sitemap, loads that, makes the ledger, checks and publishes; runs of the sizes
take turns. The first run of a day also asks, conditionally, whether the articles of the last seven days have
changed; the others do not. Publishing copies the whole file, unless the file system can share blocks (Btrfs,
XFS, bcachefs): so it has a row of its own. The goal is that seconds and requests at the largest size are at
most 1.5 times those at the smallest.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks import apart, generated
from benchmarks.generated.held import filled
from benchmarks.results import show
from newsetl import sources
from newsetl.db.writer import Warehouse
from newsetl.pipeline import ingest
from newsetl.replica import MockServer, MockSite
from newsetl.runtime.data_folder import DataFolder

SIZES = (1_000, 10_000, 100_000)
RECENT, DAYS, TURNS = 300, 30, 3
GOAL = 1.5
LABELS = (
    ("seconds", "seconds", ".2f"),
    ("cpu", "seconds of processor", ".2f"),
    ("requests", "requests", ".0f"),
    ("publishing", "of these, seconds of publishing", ".2f"),
)


class Look(NamedTuple):
    """Cost and result of a run."""

    seconds: float
    cpu: float
    publishing: float
    requests: int
    new: int
    changed: int


def requests(folder: DataFolder) -> int:
    """Count the requests in the warehouse."""
    with Warehouse(folder.warehouse) as warehouse:
        ((count,),) = warehouse.connection.execute("SELECT count(*) FROM requests").fetchall()
    return int(count)


def run(folder: DataFolder, base: str, *, days: int) -> Look:
    """Measure one run, as if it were `days` days later."""
    before = requests(folder)
    begun, spent = time.perf_counter(), time.process_time()
    with Warehouse(folder.warehouse, published=folder.published) as warehouse:
        done = ingest.ingest(
            sources.load("stdaily").with_base_url(base),
            warehouse,
            folder.archive,
            clock=lambda: datetime.now(UTC) + timedelta(days=days),
        )
        seconds, cpu = time.perf_counter() - begun, time.process_time() - spent
        assert done.error is None, done
        begun = time.perf_counter()
        warehouse.publish()
        publishing = time.perf_counter() - begun
    return Look(seconds, cpu, publishing, requests(folder) - before, done.new, done.changed)


def show_looks(what: str, looks: dict[int, list[Look]]) -> None:
    """Rows of the medians at each size, and of the largest beside the smallest."""
    assert not any(look.new or look.changed for found in looks.values() for look in found), looks
    middle = {
        size: Look(*(statistics.median(part) for part in zip(*found, strict=True)))
        for size, found in looks.items()
    }
    first, last = min(middle), max(middle)
    for name, label, unit in LABELS:
        figures = {size: getattr(each, name) for size, each in middle.items()}
        ratio = figures[last] / figures[first]
        is_goal = name != "publishing"
        show(
            f"{what}: {label}",
            "; ".join(f"{size:,} known: {figure:{unit}}" for size, figure in sorted(figures.items())),
            beside=f"{ratio:.2f} times from {first:,} to {last:,}",
            goal=f"at most {GOAL} times" if is_goal else "",
            met=ratio <= GOAL if is_goal else None,
        )


def main() -> None:
    """Prints one figure a line."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--articles", type=int, default=SIZES[-1], help="known at most")
    asked.add_argument("--serve", type=date.fromisoformat, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.serve:
        until = given.serve + timedelta(days=DAYS - 1)
        return apart.serve(MockServer(MockSite(articles=RECENT, since=given.serve, until=until, rejected=0)))
    sizes = [size for size in SIZES if size <= given.articles]
    since = datetime.now(UTC).astimezone(generated.ZONE).date() - timedelta(days=DAYS - 1)
    with tempfile.TemporaryDirectory() as name, apart.served("benchmarks.idle", "--serve", since) as base:
        folders = {size: DataFolder(Path(name) / str(size)) for size in sizes}
        for size, folder in folders.items():
            folder.path.mkdir()
            # The past ends where the channel begins.
            generated.START = since - timedelta(days=size // generated.DAILY)
            for held, path, _ in filled(folder.path, [each for each in SIZES if each <= size]):
                if held == size:
                    shutil.copy(path, folder.warehouse)
        firsts: defaultdict[int, list[Look]] = defaultdict(list)
        others: defaultdict[int, list[Look]] = defaultdict(list)
        for folder in folders.values():
            run(folder, base, days=0)
        for _ in range(TURNS):
            for size, folder in folders.items():
                others[size].append(run(folder, base, days=0))
            for size, folder in folders.items():
                # Responses are of today, whatever the run takes for today: so articles are asked for again.
                firsts[size].append(run(folder, base, days=1))
        show_looks("a run", others)
        show_looks("the first run of a day", firsts)
    return None


if __name__ == "__main__":
    main()
