"""What a warehouse costs as it grows: its size, a daily run, publishing, queries and search at each size.

The daily run is what newsetl does for 30 new articles and 5 changed ones, but for the network and the
archive: what it asks the warehouse before, the load, and all that is made anew at its end.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from benchmarks.generated import SOURCE, Past, day_of, moment
from newsetl import query, sources
from newsetl.folder import DataFolder
from newsetl.load import Warehouse
from newsetl.model import Batch, Window
from newsetl.search import search

SIZES = (10_000, 100_000, 1_000_000)
BATCH = 2_000
MORE, NEW = 1_000, 30
QUERIES = {
    "articles a month and section": """
        SELECT date_trunc('month', published_on) AS month_on, section, count(*), sum(words)
        FROM articles_flat GROUP BY ALL ORDER BY ALL""",
    "one author's articles": """
        SELECT published_on, title, editors FROM articles_flat
        WHERE list_contains(authors, 'WANG Ming') ORDER BY published_at DESC LIMIT 100""",
    "editors' workload, by month": "SELECT * FROM editor_workload WHERE articles > 10",
    "timeline of a term": "FROM timeline('quantum')",
    "stretches of days with gaps": "FROM coverage_gaps",
}
SEARCHES = ("quantum", '"quantum ta" -quantum', "quantum tecma -solbal")


@dataclass(slots=True)
class Meter:
    """What was measured, and its figure at each size."""

    figures: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, figure: str) -> None:
        self.figures.setdefault(what, []).append(figure)

    @contextmanager
    def seconds(self, what: str) -> Iterator[None]:
        """The time that the block takes, and what of both cores this process had meanwhile."""
        start, spent = time.perf_counter(), time.process_time()
        yield
        seconds, cpu = time.perf_counter() - start, time.process_time() - spent
        self.note(what, f"{seconds:.2f} ({cpu:.2f})")


def load(warehouse: Warehouse, batch: Batch) -> float:
    """Loads the batch as a run of its own; seconds of the load."""
    run_id = start_run(warehouse, batch)
    start = time.perf_counter()
    warehouse.load(batch, run_id=run_id)
    seconds = time.perf_counter() - start
    end_run(warehouse, batch, run_id)
    return seconds


def start_run(warehouse: Warehouse, batch: Batch) -> UUID:
    return warehouse.start_run(
        SOURCE, kind="ingest", window=Window(), started_at=batch.captures[0].fetched_at, is_following=True
    )


def end_run(warehouse: Warehouse, batch: Batch, run_id: UUID) -> None:
    ended_at = batch.captures[0].fetched_at + timedelta(hours=1)
    found = len(batch.articles)
    warehouse.finish_run(run_id, ended_at=ended_at, state="completed", found=found, known=0)


def daily(warehouse: Warehouse, past: Past, first: int, meter: Meter) -> None:
    """A daily run of articles number `first` and on, each of its steps measured."""
    batch = changing(past, first)
    now, today = batch.captures[0].fetched_at + timedelta(hours=12), day_of(first)
    asked: dict[str, Callable[[], object]] = {
        "followed": lambda: warehouse.followed(SOURCE),
        "due_links": lambda: warehouse.due_links(SOURCE, now=now),
        "recent_articles": lambda: warehouse.recent_articles(
            SOURCE, since=today - timedelta(days=7), asked_before=now
        ),
        "validators": lambda: warehouse.validators(SOURCE),
        "last_asked": lambda: warehouse.last_asked(now=now),
        "known_urls": lambda: warehouse.known_urls(SOURCE, due_before=now),
        "listings": lambda: warehouse.listings(SOURCE, since=now - timedelta(days=7)),
    }
    held = warehouse.connection.execute("SELECT DISTINCT file FROM captures").fetchall()
    files = [file for (file,) in held]
    with meter.seconds("daily run, all of it"):
        for what, ask in asked.items():
            with meter.seconds(f"  before: {what}"):
                ask()
        run_id = start_run(warehouse, batch)
        with meter.seconds(f"  load of {NEW} new and 5 changed"):
            warehouse.load(batch, run_id=run_id)
        with meter.seconds("  examine"):
            warehouse.examine(SOURCE, files=files, checked_at=now, run_id=run_id)
        end_run(warehouse, batch, run_id)
        with meter.seconds("  cover"):
            warehouse.cover(SOURCE)
        with meter.seconds("  identify"):
            warehouse.identify(SOURCE)
        with meter.seconds("  relate"):
            warehouse.relate()
        with meter.seconds("  publish"):
            note = warehouse.publish(run_id=run_id)
            assert note is None, note


def changing(past: Past, first: int) -> Batch:
    """A day's new articles, and five of the days before that read otherwise now."""
    batch = past.batch(range(first, first + NEW))
    older = past.batch(range(first - 5, first))
    at = moment(first) + timedelta(hours=3)
    captures, articles = [], []
    for place, (capture, article) in enumerate(zip(older.captures, older.articles, strict=False)):
        capture_id = UUID(int=(first << 8) + place)
        captures.append(replace(capture, capture_id=capture_id, fetched_at=at + timedelta(seconds=place)))
        text = f"{article.text} Updated."
        articles.append(replace(article, text=text, text_hash=f"{first} {place}", capture_id=capture_id))
    return replace(batch, captures=(*batch.captures, *captures), articles=(*batch.articles, *articles))


def readers(folder: DataFolder, meter: Meter) -> None:
    """What an analyst waits for, on the published copy."""
    for what, statement in QUERIES.items():
        with meter.seconds(f"query: {what}"):
            _ = query.sql(folder.published, statement).rows
    for words in SEARCHES:
        with meter.seconds(f"search: {words}"):
            search(folder.published, words)
    command = [Path(sys.executable).with_name("newsetl"), "sql", "SELECT 1", "--data", folder.path]
    with meter.seconds("newsetl sql 'SELECT 1'"):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def grow(folder: DataFolder, sizes: tuple[int, ...], meter: Meter, keep: Callable[[int], None]) -> None:
    """The warehouse grows to each size in turn and is measured there."""
    past, source = Past(), sources.load(SOURCE)
    done = 0
    for size in sizes:
        with Warehouse(folder.warehouse, published=folder.published) as warehouse:
            warehouse.register_source(source)
            loading, batches = 0.0, 0
            for batch in past.batches(done, size - done, size=BATCH):
                seconds = load(warehouse, batch)
                loading, batches = loading + seconds, batches + 1
            meter.note("articles loaded since the size before", f"{size - done:,}")
            meter.note("  a second", f"{(size - done) / loading:,.0f}")
            meter.note(f"  seconds of the last {BATCH:,}", f"{seconds:.2f} s")
            with meter.seconds("  indexing and comparing them"):
                warehouse.relate()
            warehouse.publish()
        done = size
        keep(size)
        meter.note("size of the file", f"{folder.published.stat().st_size / 1e6:,.0f} MB")
        with meter.seconds("opening it to write"):
            warehouse = Warehouse(folder.warehouse, published=folder.published)
        with warehouse:
            warehouse.register_source(source)
            meter.note(
                f"load of {MORE:,} more", f"{load(warehouse, past.batch(range(done, done + MORE))):.2f} s"
            )
            done += MORE
            daily(warehouse, past, done, meter)
            done += NEW
        readers(folder, meter)
        show(meter)


def show(meter: Meter) -> None:
    """A line a measurement, a column a size."""
    for what, figures in meter.figures.items():
        sys.stdout.write(f"{what}\t{''.join(f'{figure:>12}' for figure in figures)}\n".expandtabs(48))
    sys.stdout.flush()


def main() -> None:
    """Measures at 10,000, 100,000 and so on, up to `--articles`."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--articles", type=int, default=100_000)
    asked.add_argument("--folder", type=Path, help="keep the warehouse there")
    given = asked.parse_args()
    sizes = (*(size for size in SIZES if size < given.articles), given.articles)
    with tempfile.TemporaryDirectory() as name:
        grow(DataFolder(given.folder or Path(name)), sizes, Meter(), lambda _: None)


if __name__ == "__main__":
    main()
