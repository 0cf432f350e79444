"""Growth with the number of articles: loads, queries and memory at 1,000 to 100,000, backfills by days.

A warehouse of each size gets 1,000 more articles, at once, as a run without a pause loads them, and what
follows from a load is made: the ledger, the people, the search index and the duplicates; then the checks.
Queries are an analyst's, on that file. Five look at every article, or at every day: their unit is an article
held, and what 1,000 articles more cost is shown. Two ask for a day and for a month: their unit is the
question. A replica with an article a day is filled in for 30, 365 and 3,650 days; the unit is a day.
Each measurement is a process of its own, whose peak of memory is shown. Warehouses of 100,000 and more are
made of copies with dates, addresses, identities and texts of their own, whose parts of the search index are
brought together first, as those of loads are (`--articles 1000000` asks for one of a million, in ten minutes
or more). The goal is that a unit costs at most 1.5 times as much at the largest size as at the smallest; of
loads and of backfills the processor's time counts, of queries the clock's.

![time of a unit of work, by size](growth.svg)
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks import apart
from benchmarks.generated import SOURCE, Past, day_of
from benchmarks.generated.held import filled, started
from benchmarks.results import FOLDER, PEERS, show
from newsetl import sources
from newsetl.db.writer import Warehouse
from newsetl.model import Window
from newsetl.normalise import people
from newsetl.pipeline import backfill
from newsetl.pipeline.batch_size import BATCH_PAGES
from newsetl.query import reader
from newsetl.replica import MockServer, MockSite

SIZES = (1_000, 10_000, 100_000, 1_000_000)
DAYS = (30, 365, 3_650)
MORE, TURNS = 1_000, 3
GOAL = 1.5
UNTIL = date(2025, 6, 30)
# Of each, "article": all are looked at; "question": what is asked for does not grow.
QUERIES = {
    "articles a month and section": (
        "article",
        """SELECT date_trunc('month', published_on) AS month_on, section, count(*), sum(words)
        FROM articles_flat GROUP BY ALL ORDER BY ALL""",
    ),
    "one author's articles": (
        "article",
        """SELECT published_on, title, editors FROM articles_flat
        WHERE list_contains(authors, 'WANG Ming') ORDER BY published_at DESC LIMIT 100""",
    ),
    "editors' workload, by month": ("article", "SELECT * FROM editor_workload WHERE articles > 10"),
    "timeline of a term": ("article", "FROM timeline('quantum')"),
    "stretches of days with gaps": ("article", "FROM coverage_gaps"),
    "a day's articles": (
        "question",
        "SELECT title, authors, editors, words FROM articles_flat WHERE published_on = DATE '{day}'",
    ),
    "a month's sections": (
        "question",
        """SELECT section, count(*), avg(words) FROM articles_flat
        WHERE published_on > DATE '{day}' - 30 AND published_on <= DATE '{day}' GROUP BY ALL""",
    ),
}
STEPS = ("load", "ledger", "people", "index and duplicates", "checks")


def peak() -> float:
    """MB of memory that this process has held at most."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says begins with the parent's
        text = status.read_text(encoding="utf-8")
        return int(text.partition("VmHWM:")[2].split()[0]) / (1 << 10)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and seconds of processor, that the work takes."""
    start, spent = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - spent


def medians(figures: list[tuple[float, float]]) -> tuple[float, float]:
    """Sum of both parts."""
    seconds, cpu = zip(*figures, strict=True)
    return statistics.median(seconds), statistics.median(cpu)


def loads(path: Path, held: int) -> dict[str, Any]:
    """Step → its seconds, and memory: TURNS times MORE articles are loaded where so many are held."""
    past, found = Past(), {step: list[tuple[float, float]]() for step in STEPS}
    turns = [tuple(past.batches(held + turn * MORE, MORE, size=BATCH_PAGES)) for turn in range(TURNS + 1)]
    with Warehouse(path) as warehouse:
        warehouse.register_source(sources.load(SOURCE))
        for turn, batches in enumerate(turns):
            run_id = started(warehouse, batches[0])
            steps: dict[str, Callable[[], object]] = {
                "load": lambda: [warehouse.load(batch, run_id=run_id) for batch in batches],  # noqa: B023
                "ledger": lambda: warehouse.rebuild_coverage(SOURCE),
                "people": lambda: warehouse.rebuild_people(SOURCE, people.match_people),
                "index and duplicates": warehouse.relate,
                "checks": lambda: warehouse.run_checks(
                    SOURCE,
                    files=(),
                    checked_at=batches[-1].captures[0].fetched_at,  # noqa: B023
                    run_id=run_id,  # noqa: B023
                ),
            }
            # The first turn reads what the file has from the disk.
            for step, work in steps.items():
                figure = timed(work)
                if turn:
                    found[step].append(figure)
    return {"steps": {step: medians(figures) for step, figures in found.items()}, "peak": peak()}


def queries(path: Path, held: int) -> dict[str, Any]:
    """Query → its seconds, and memory; each opens the file, as `newsetl sql` does."""
    found = {}
    for name, (_, statement) in QUERIES.items():
        text = statement.format(day=day_of(held - 1) - timedelta(days=1))
        figures = [timed(lambda: reader.run_query(path, text).rows) for _ in range(TURNS + 1)]  # noqa: B023
        found[name] = medians(figures[1:])
    return {"steps": found, "peak": peak()}


def fills(base: str, days: int) -> dict[str, Any]:
    """Measure a backfill of `days` days: its seconds, and memory."""
    window = Window(UNTIL - timedelta(days=days - 1), UNTIL)
    source = sources.load(SOURCE).with_base_url(base)
    now = datetime.combine(UNTIL + timedelta(days=2), datetime.min.time(), UTC)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as name, Warehouse(Path(name) / "work.duckdb") as warehouse:
        figure = timed(
            lambda: backfill.backfill(
                source,
                warehouse,
                Path(name) / "archive",
                clock=lambda: now + timedelta(seconds=time.monotonic() - begun),
                window=window,
                methods=("search",),
            )
        )
        ((articles,),) = warehouse.connection.execute("SELECT count(*) FROM articles").fetchall()
    return {"steps": {"backfill": figure}, "peak": peak(), "articles": articles}


def measured(*part: object) -> dict[str, Any]:
    """Run a measurement in a process of its own and return its result."""
    command = [sys.executable, "-m", "benchmarks.growth", "--part", *map(str, part)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(ran.stdout))


def show_unit(what: str, figures: dict[int, float], text: str) -> None:
    """Show a row: the cost of a unit at the largest size, beside the smallest."""
    sizes = sorted(figures)
    ratio = figures[sizes[-1]] / figures[sizes[0]] if figures[sizes[0]] > 0 else 1.0
    show(
        what,
        text,
        beside=f"{ratio:.2f} times from {sizes[0]:,} to {sizes[-1]:,}",
        goal=f"at most {GOAL} times",
        met=ratio <= GOAL,
    )


def line(found: dict[int, dict[str, Any]], step: str) -> str:
    """Seconds and, in brackets, those of the processor at each size."""
    return "; ".join(
        f"{size:,}: {seconds:.2f} ({cpu:.2f}) s"
        for size, each in sorted(found.items())
        for seconds, cpu in [each["steps"][step]]
    )


def show_loads(found: dict[int, dict[str, Any]]) -> None:
    """Rows of what loading 1,000 articles costs."""
    for step in STEPS:
        cpu = {size: each["steps"][step][1] for size, each in found.items()}
        show_unit(f"{MORE:,} articles more: {step}", cpu, line(found, step))
    whole = {size: sum(cpu for _, cpu in each["steps"].values()) for size, each in found.items()}
    show_unit(
        f"{MORE:,} articles more: all of it, processor",
        whole,
        "; ".join(f"{size:,}: {cpu:.2f} s" for size, cpu in sorted(whole.items())),
    )


def show_queries(found: dict[int, dict[str, Any]]) -> None:
    """Rows of what queries cost; of those that look at all, what 1,000 articles more do."""
    sizes = sorted(found)
    for name, (unit, _) in QUERIES.items():
        seconds = {size: found[size]["steps"][name][0] for size in sizes}
        text = line(found, name)
        if unit == "question":
            show_unit(f"query: {name}", seconds, text)
        elif len(sizes) > 2:
            more = {
                larger: (seconds[larger] - seconds[size]) / (larger - size) * MORE
                for size, larger in pairwise(sizes)
            }
            text += "; by 1,000 articles " + ", ".join(f"{1e3 * each:.2f} ms" for each in more.values())
            each = {size: seconds[size] / size for size in sizes}
            show_unit(f"query: {name}, by article", each, text)


def show_memory(what: str, found: dict[int, dict[str, Any]]) -> None:
    """Build a row of the peaks."""
    peaks = {size: each["peak"] for size, each in found.items()}
    text = "; ".join(f"{size:,}: {megabytes:.0f} MB" for size, megabytes in sorted(peaks.items()))
    show_unit(f"memory at most: {what}", peaks, text)


def plot(file: Path, series: dict[str, dict[int, float]]) -> None:
    """Draws the cost of a unit by size, as multiples of that at the smallest."""
    if not PEERS.exists():
        show("plot", "not drawn: no .venv-peers, which `make bench` makes")
        return
    drawn = subprocess.run(
        [PEERS, FOLDER / "peers" / "growth.py", file],
        input=json.dumps({"goal": GOAL, "series": series}),
        text=True,
        check=False,
        stderr=subprocess.PIPE,
    )
    if drawn.returncode:
        show("plot", f"not drawn: {drawn.stderr.strip().splitlines()[-1]}")


def main() -> None:
    """Prints one figure a line."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--articles", type=int, default=SIZES[-2], help="the largest warehouse")
    asked.add_argument("--days", type=int, default=DAYS[-1], help="the longest backfill")
    asked.add_argument("--plot", type=Path, default=FOLDER / "growth.svg")
    asked.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    given = asked.parse_args()
    match given.part:
        case ["serve", days]:
            # An article a day.
            since = UNTIL - timedelta(days=int(days) - 1)
            channel = MockSite(articles=int(days), since=since, until=UNTIL, rejected=0)
            return apart.serve(MockServer(channel))
        case [part, place, size]:
            parts: dict[str, Callable[[Any, int], object]] = {
                "loads": lambda place, size: loads(Path(place), size),
                "queries": lambda place, size: queries(Path(place), size),
                "fills": fills,
            }
            sys.stdout.write(json.dumps(parts[part](place, int(size))))
            return None
    sizes = [size for size in SIZES if size <= given.articles]
    by_articles: dict[int, dict[str, Any]] = {}
    asked_of: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as name:
        for size, path, seconds in filled(Path(name), sizes):
            show(
                f"a warehouse of {size:,}",
                f"{path.stat().st_size / 1e6:,.0f} MB",
                beside=f"made in {seconds:.0f} s",
            )
            asked_of[size] = measured("queries", path, size)
            by_articles[size] = measured("loads", path, size)
    show_loads(by_articles)
    show_memory("loading and what follows", by_articles)
    show_queries(asked_of)
    show_memory("queries", asked_of)
    by_days: dict[int, dict[str, Any]] = {}
    for days in [days for days in DAYS if days <= given.days]:
        with apart.served("benchmarks.growth", "--part", "serve", days) as base:
            by_days[days] = measured("fills", base, days)
    # The channel's first day may come after the window's.
    a_day = {days: each["steps"]["backfill"][1] / each["articles"] for days, each in by_days.items()}
    text = "; ".join(f"{days:,}: {1e3 * cpu:.1f} ms" for days, cpu in sorted(a_day.items()))
    show_unit("backfill, processor a day", a_day, f"{text}; in all {line(by_days, 'backfill')}")
    show_memory("backfill", by_days)
    plot(
        given.plot,
        {
            **{step: {size: each["steps"][step][1] for size, each in by_articles.items()} for step in STEPS},
            **{
                name: {size: each["steps"][name][0] for size, each in asked_of.items()}
                for name, (unit, _) in QUERIES.items()
                if unit == "question"
            },
            "backfill, a day": a_day,
        },
    )
    return None


if __name__ == "__main__":
    main()
