"""The script of somebody who knows the site: httpx, BeautifulSoup, DuckDB. BASE FILE threads|processes

With threads it fetches and reads in eight of them; with processes in two, each with a client of its own.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from typing import Any

import httpx

from benchmarks.peers import reading

THREADS, PROCESSES, CHUNK = 8, 2, 20


@cache
def client() -> httpx.Client:
    """Return the client of this process."""
    return httpx.Client(timeout=30, limits=httpx.Limits(max_connections=THREADS))


def fetched(url: str) -> dict[str, Any] | None:
    """Fetch and parse the article at `url`."""
    response = client().get(url)
    response.raise_for_status()
    return reading.article(response.content, url)


def main(base: str, file: str, how: str) -> None:
    """Fetches all that `base` names."""
    urls = reading.addresses(client().get(f"{base}/sitemap.xml").raise_for_status().content)
    client().close()
    client.cache_clear()
    table = reading.Table(file)
    pool = ThreadPoolExecutor(THREADS) if how == "threads" else ProcessPoolExecutor(PROCESSES)
    if how == "threads":
        client()
    with pool:
        for row in pool.map(fetched, urls, chunksize=CHUNK):
            if row:
                table.add(row)
    table.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
