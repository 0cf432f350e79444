"""Memory of an ingest: the peak at 1,000 and at 10,000 articles, each run in a process of its own.

The replica stands in another process and names all its articles in its sitemap.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks import apart
from newsetl import sources
from newsetl.db.writer import Warehouse
from newsetl.pipeline import ingest as ingest_
from newsetl.replica import MockServer, MockSite
from newsetl.replica.response import MockResponse

SIZES = (1_000, 10_000)
FIRST = date(2024, 1, 1)


class Whole(MockServer):
    """A replica whose sitemap is not only of the last days."""

    def respond(self, path: str) -> MockResponse:
        """Return the sitemap with every article, and the mock site's own response for every other URL."""
        if path != "/sitemap.xml":
            return super().respond(path)
        paths = (story.paths[0] for story in self.site.listed_articles)
        urls = "".join(f"<url><loc>{self.base_url}{path}</loc></url>" for path in paths)
        sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
        return MockResponse(sitemap.encode(), "text/xml")


def whole(articles: int) -> Whole:
    """Build a mock site of `articles` articles in 700 days."""
    return Whole(MockSite(articles=articles, since=FIRST, until=FIRST + timedelta(days=699)))


def served(articles: int) -> AbstractContextManager[str]:
    """Yield the base URL of such a mock site in a process of its own."""
    return apart.served("benchmarks.memory", "serve", articles)


def ingest(base: str) -> None:
    """Ingests all that `base` has; prints articles, seconds, peak megabytes, and DuckDB's part at the end."""
    with tempfile.TemporaryDirectory() as name, Warehouse(Path(name) / "news.duckdb") as warehouse:
        started = time.monotonic()
        done = ingest_.ingest(
            sources.load("stdaily").with_base_url(base),
            warehouse,
            Path(name) / "archive",
            clock=lambda: datetime.now(UTC),
        )
        seconds = time.monotonic() - started
        held = warehouse.connection.execute("SELECT sum(memory_usage_bytes) / 1e6 FROM duckdb_memory()")
        ((pages,),) = held.fetchall()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"peak after {done.new} articles ({seconds:.0f} s)\t{peak:.0f} MB, {pages:.0f} of them DuckDB's\n"
    )


def main() -> None:
    """Print one line per size."""
    for articles in SIZES:
        with served(articles) as base:
            subprocess.run([sys.executable, "-m", "benchmarks.memory", "ingest", base], check=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", articles]:
            apart.serve(whole(int(articles)))
        case ["ingest", base]:
            ingest(base)
        case _:
            main()
