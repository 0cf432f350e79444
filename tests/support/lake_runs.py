"""Runs of several sources, loaded into a lake and into a file."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from queue import Queue
from uuid import UUID

from newsetl import sources
from newsetl.db import compare
from newsetl.db.connection import open_connection
from newsetl.db.writer import Warehouse
from newsetl.model import Batch, Window
from newsetl.normalise import people
from newsetl.query.reader import connect
from newsetl.runtime.data_folder import Lake
from newsetl.sources.config import Source
from tests.support import ROOT
from tests.support.factories import NOON, after, page, request, web
from tests.support.held import TIMEOUT


def source(number: int) -> Source:
    """Return one of several sources with the same page layout."""
    return replace(sources.load("stdaily"), slug=f"source{number}")


def words(seed: str) -> str:
    """Return words that occur in no other text."""
    letters = "".join(hashlib.sha512(f"{seed} {n}".encode()).hexdigest() for n in range(5))
    return " ".join(letters[n : n + 8] for n in range(0, len(letters), 8))


def build_batches(number: int, loads: int, pages: int) -> Iterator[Batch]:
    """Build the batches of a source's run: new articles, and edited articles of the batch before."""
    slug = source(number).slug
    for load in range(loads):
        first = load * pages
        texts = {n: f"{slug} writes about {n}." for n in range(first, first + pages)}
        texts |= dict.fromkeys(range(max(0, first - 3), first), "It was different.")
        read = [
            page(
                1_000_000 * number + 10_000 * load + n,
                web(n),
                at=after(load * 60),
                title=f"Title {n} of {slug}",
                text=f"{text} {words(f'{slug} {n}')}",
            )
            for n, text in texts.items()
        ]
        yield Batch(
            slug,
            tuple(replace(taken, source=slug) for taken, _ in read),
            tuple(replace(article, source=slug) for _, article in read),
            (),
            tuple(replace(request(n, at=after(load * 60)), source=slug) for n in texts),
        )


def run(warehouse: Warehouse, number: int, loads: int, pages: int) -> None:
    """Write one source's complete run, as the pipeline does."""
    warehouse.register_source(source(number))
    run_id = warehouse.start_run(
        source(number).slug, kind="ingest", window=Window(), started_at=NOON, run_id=UUID(int=number)
    )
    for batch in build_batches(number, loads, pages):
        warehouse.load(batch, run_id=run_id)
    warehouse.finish_run(
        run_id, ended_at=after(9), state="completed", discovered=loads * pages, already_loaded=0
    )
    warehouse.refresh_derived(source(number).slug, people.match_people)


def contents(place: Path | Lake) -> dict[str, tuple[int, str]]:
    """Return row count and digest per table."""
    with open_connection(place, is_read_only=True) as connection:
        return compare.compute_digests(
            connection, {**compare.SEARCH_INDEX, "internal.schema_migrations": ("applied_at",)}
        )


def contents_of_a_file(folder: Path, numbers: range, loads: int, pages: int) -> dict[str, tuple[int, str]]:
    """Return row count and digest per table of a DuckDB file after the same runs."""
    with Warehouse(folder / "same.duckdb") as warehouse:
        for number in numbers:
            run(warehouse, number, loads, pages)
    return contents(folder / "same.duckdb")


_WRITER = """
import sys
from newsetl.db.writer import Warehouse
from newsetl.runtime.data_folder import Lake
from tests.support import lake_runs
catalog, files, number, loads, pages = sys.argv[1:]
with Warehouse(Lake(catalog, files)) as warehouse:
    lake_runs.run(warehouse, int(number), int(loads), int(pages))
"""

# Queries until stdin is closed, and once more. Prints a line per query.
_READER = '''
import sys, threading
from contextlib import closing
from newsetl.query import reader
from newsetl.runtime.data_folder import Lake
is_closed = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), is_closed.set()), daemon=True).start()
query = """
    SELECT
        (SELECT count(*) FROM articles), (SELECT count(*) FROM articles JOIN captures USING (capture_id)),
        (SELECT count(*) FROM article_urls), (SELECT count(DISTINCT article_id) FROM credits)
"""
with closing(reader.connect(Lake(sys.argv[1]))) as connection:
    is_last = False
    while not is_last:
        is_last = is_closed.wait(0.1)
        (counts,) = connection.execute(query).fetchall()
        print("consistent" if len(set(counts)) == 1 else "inconsistent", *counts, flush=True)
'''


def _start(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Start the Python program in its own process."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def write_and_read_concurrently(lake: Lake, folder: Path, writers: int, loads: int, pages: int) -> None:
    """Run the writers and a reader. Raise AssertionError if a query or the lake is inconsistent."""
    reader = _start(_READER, lake.catalog)
    assert reader.stdout
    assert reader.stdin
    lines = [reader.stdout.readline()]
    # Keep the reader's pipe from filling up while the writers run.
    rest: Queue[str] = Queue()
    thread = threading.Thread(target=lambda: rest.put(reader.stdout.read()))  # type: ignore[union-attr]
    thread.start()
    processes = [
        _start(_WRITER, lake.catalog, lake.files, number, loads, pages) for number in range(1, writers + 1)
    ]
    outputs = [process.communicate(timeout=TIMEOUT) for process in processes]
    assert [process.returncode for process in processes] == [0] * writers, outputs
    reader.stdin.close()
    lines += rest.get(timeout=TIMEOUT).splitlines()
    thread.join()
    assert reader.stderr
    assert reader.stderr.read() == ""
    assert reader.wait(TIMEOUT) == 0
    assert {line.split()[0] for line in lines} == {"consistent"}
    counts = [int(line.split()[1]) for line in lines]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, writers * loads * pages)
    wanted = contents_of_a_file(folder, range(1, writers + 1), loads, pages)
    assert compare.compare_digests(contents(lake), wanted) == ()
    assert contents(lake)["articles"][0] == writers * loads * pages
    with closing(connect(lake)) as connection:
        found = connection.execute("SELECT count(*) FROM search_articles('title 7')").fetchall()
        assert found == [(writers,)]
        numbers = "SELECT count(DISTINCT document), count(*) FROM internal.search_documents"
        assert connection.execute(numbers).fetchall() == [(writers * loads * pages,) * 2]
