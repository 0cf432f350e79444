"""Reads the pages that are handed to it, a line of JSON each, with one of the peers; it times itself.

A line asks {"tool", "url", "html"}; the answer is {"cpu", "clock", "title", "text"}, the times in ms, or
{} where fundus has no publisher for the address. The network is off.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import socket
import sys
import time
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import newspaper
from fundus import PublisherCollection
from newsplease import NewsPlease

Read = Callable[[], tuple[str | None, str | None]]


def refuse(*_: Any, **__: Any) -> None:
    """Raise OSError: the page is a local file, and a peer must not use the network."""
    raise OSError("the network is off")


def by_newspaper(url: str, html: str) -> Read:
    """As its documentation reads a page that is at hand; pictures are not asked for."""

    def read() -> tuple[str | None, str | None]:
        article = newspaper.article(url, input_html=html, fetch_images=False)
        return article.title, article.text

    return read


def by_newsplease(url: str, html: str) -> Read:
    """Parse the page with news-please."""

    def read() -> tuple[str | None, str | None]:
        article = NewsPlease.from_html(html, url=url or None, fetch_images=False)
        return article.title, article.maintext

    return read


def by_fundus(url: str, html: str) -> Read | None:
    """Return the parser of the URL's publisher, or None; created once, as a crawl does."""
    parser = parsers().get((urlsplit(url).hostname or "").removeprefix("www."))
    if parser is None:
        return None

    def read() -> tuple[str | None, str | None]:
        found = parser.parse(html, "suppress")
        return found.get("title"), str(found.get("body") or "")

    return read


@cache
def parsers() -> dict[str, Any]:
    """Host → the newest parser of its publisher."""
    return {
        (urlsplit(publisher.domain).hostname or "").removeprefix("www."): publisher.parser()
        for publisher in PublisherCollection
    }


TOOLS = {"newspaper4k": by_newspaper, "news-please": by_newsplease, "fundus": by_fundus}


def answer(tool: str, url: str, html: str) -> dict[str, Any]:
    """Return what `tool` parses from the page, and the seconds it took."""
    read = TOOLS[tool](url, html)
    if read is None:
        return {}
    title: str | None = None
    text: str | None = None
    gc.collect()
    clock, cpu = time.perf_counter(), time.process_time()
    # Whatever it stumbles over, the page is one that it didn't read.
    with contextlib.suppress(Exception):
        title, text = read()
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    return {"cpu": cpu * 1e3, "clock": clock * 1e3, "title": title or "", "text": text or ""}


def main() -> None:
    """Until there is nothing more to read."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    socket.socket.connect = socket.getaddrinfo = refuse  # type: ignore[assignment,method-assign]
    # What the peers print is none of the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(answer(**json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
