"""Loading: 100,000 articles into an empty warehouse, 1,000 more into that, and the same 1,000 again.

The floor is the same articles' own columns inserted from Arrow in the same batches, into a table of an
empty file, with nothing looked up: what DuckDB needs to store them.
"""

from __future__ import annotations

import hashlib
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import duckdb
import pyarrow as pa

from benchmarks.results import show
from newsetl import sources
from newsetl.db.writer import Warehouse
from newsetl.model import Article, Batch, Capture, Credit, Image, LoadResult, Request, Teaser, Window

ARTICLES = 100_000
MORE = 1_000
BATCH = 2_000
START = datetime(2022, 1, 1, tzinfo=UTC)
FIELDS = ("title", "section", "agency", "published_at", "authors", "editors", "text", "images")


def words(seed: int) -> list[str]:
    """Build a vocabulary as varied as a site's: 20,000 words of 2 to 12 letters."""
    pick = random.Random(seed)
    return ["".join(pick.choices("etaoinshrdlucmfw", k=pick.randint(2, 12))) for _ in range(20_000)]


def batches(first: int, count: int) -> Iterator[Batch]:
    """Articles number `first` and on: 3 KB of text, 2 credits, 1 image, 3 teasers each."""
    vocabulary = words(7)
    for begin in range(first, first + count, BATCH):
        captures, articles, requests = [], [], []
        for number in range(begin, min(begin + BATCH, first + count)):
            pick = random.Random(number)
            paragraphs = [" ".join(pick.choices(vocabulary, k=75)) for _ in range(5)]
            title, text = " ".join(pick.choices(vocabulary, k=9)), "\n\n".join(paragraphs)
            url = f"https://www.stdaily.com/web/English/2022-01/01/content_{number}.html"
            capture_id, at = UUID(int=pick.getrandbits(128)), START + timedelta(minutes=number)
            headers = (("Content-Type", "text/html; charset=utf-8"), ("ETag", f'"{number:x}"'))
            body = text.encode()
            captures.append(
                Capture(
                    capture_id,
                    "stdaily",
                    "article",
                    url,
                    url,
                    at,
                    200,
                    headers,
                    "utf-8",
                    body,
                    body,
                    file="2022.warc.gz",
                    offset=number * 1000,
                    length=1000,
                )
            )
            requests.append(
                Request(
                    "stdaily",
                    url,
                    "www.stdaily.com",
                    "article",
                    at,
                    200,
                    1.0,
                    0.1,
                    900,
                    True,
                    1,
                    None,
                    capture_id,
                )
            )
            articles.append(
                Article(
                    "stdaily",
                    url,
                    "web",
                    title,
                    "News",
                    "Science and Technology Daily",
                    at,
                    at.isoformat(),
                    "second",
                    (
                        Credit(f"{pick.choice(vocabulary)} Author", "author", 1, "person"),
                        Credit(f"{pick.choice(vocabulary)} Editor", "editor", 1, "person"),
                    ),
                    paragraphs[0],
                    text,
                    (Image(f"{url}.jpg", " ".join(paragraphs[1].split()[:12]), "VCG"),),
                    tuple(Teaser(paragraph[:60], paragraph[:200], url) for paragraph in paragraphs[:3]),
                    "en",
                    hashlib.sha256(title.encode()).hexdigest(),
                    hashlib.sha256(text.encode()).hexdigest(),
                    dict.fromkeys(FIELDS, "the metadata line"),
                    capture_id,
                )
            )
        yield Batch("stdaily", tuple(captures), tuple(articles), (), tuple(requests))


def load(warehouse: Warehouse, run_id: UUID, first: int, count: int) -> tuple[float, LoadResult]:
    """Seconds that the loads take, without making the batches; and their sums."""
    seconds, new, changed, known = 0.0, 0, 0, 0
    for batch in batches(first, count):
        start = time.perf_counter()
        result = warehouse.load(batch, run_id=run_id)
        seconds += time.perf_counter() - start
        new, changed, known = new + result.new, changed + result.changed, known + result.already_loaded
    return seconds, LoadResult(new, changed, known)


def floor(folder: Path) -> float:
    """Seconds to insert the articles' own columns from Arrow, closing included."""
    connection = duckdb.connect(folder / "floor.duckdb", config={"storage_compatibility_version": "v1.5.0"})
    connection.execute(
        "CREATE TABLE articles (url VARCHAR, title VARCHAR, section VARCHAR, agency VARCHAR, "
        "published_at TIMESTAMPTZ, authors VARCHAR[], editors VARCHAR[], lead VARCHAR, text VARCHAR, "
        "title_hash VARCHAR, text_hash VARCHAR)"
    )
    seconds = 0.0
    for batch in batches(0, ARTICLES):
        start = time.perf_counter()
        names = ("url", "title", "section", "agency", "published_at", "authors", "editors", "lead", "text")
        columns = {
            name: [getattr(article, name) for article in batch.articles]
            for name in (*names, "title_hash", "text_hash")
        }
        connection.register("incoming", pa.table(columns))
        connection.execute("INSERT INTO articles BY NAME SELECT * FROM incoming")
        seconds += time.perf_counter() - start
    start = time.perf_counter()
    connection.close()
    return seconds + time.perf_counter() - start


def peak() -> float:
    """MB of memory that the process has held at most."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> None:
    """Prints one figure a line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "news.duckdb"
        before = peak()
        warehouse = Warehouse(path)
        warehouse.register_source(sources.load("stdaily"))
        run_id = warehouse.start_run("stdaily", kind="ingest", window=Window(), started_at=START)
        halfway, first = load(warehouse, run_id, 0, ARTICLES // 2)
        held = peak()
        rest, second = load(warehouse, run_id, ARTICLES // 2, ARTICLES // 2)
        start = time.perf_counter()
        warehouse.close()
        closing = time.perf_counter() - start
        seconds = halfway + rest + closing
        assert first.new + second.new == ARTICLES
        show(
            f"{ARTICLES:,} articles into an empty warehouse", f"{seconds:.1f} s, {ARTICLES / seconds:,.0f}/s"
        )
        show("of these the first and the second half", f"{halfway:.1f} s, {rest:.1f} s")
        show("of these closing", f"{closing:.1f} s")
        show("memory at most, before, halfway and after", f"{before:.0f}, {held:.0f}, {peak():.0f} MB")
        show("size of the file", f"{path.stat().st_size / 1e6:.0f} MB")
        with Warehouse(path) as warehouse:
            warehouse.register_source(sources.load("stdaily"))
            seconds_more, more = load(warehouse, run_id, ARTICLES, MORE)
            assert more.new == MORE
            show(f"{MORE:,} more", f"{seconds_more:.2f} s, {MORE / seconds_more:,.0f}/s")
            seconds_same, same = load(warehouse, run_id, ARTICLES, MORE)
            assert same.already_loaded == MORE
            show(f"the same {MORE:,} again", f"{seconds_same:.2f} s, {MORE / seconds_same:,.0f}/s")
        least = floor(folder)
        show("floor: the articles' own columns, inserted only", f"{least:.1f} s, {ARTICLES / least:,.0f}/s")
        show("all rows against the floor", f"{seconds / least:.1f} times")


if __name__ == "__main__":
    main()
