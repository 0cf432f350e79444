"""A page read by its source's landmarks, and the same page and any other read by what it says of itself.

Milliseconds of one warm process, the median of some rounds a page, then the mean of the pages. Beside them
stands trafilatura's own reading of the same pages, fields and body. With NEWSETL_CORPUS, a folder with html/
and gold.jsonl, real pages of many sites are read too.
"""

from __future__ import annotations

import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import trafilatura

from newsetl import pipeline, sources
from newsetl.model import Capture
from newsetl.parse.decode import decode
from newsetl.parse.generic import read_any
from newsetl.replica import Channel, Replica
from newsetl.sources.undeclared import undeclared

PAGES, ROUNDS = 120, 3
FETCHED_AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
STDAILY = sources.load("stdaily")
Page = tuple[str, bytes]


def of_replica() -> list[Page]:
    """Articles of the replica with their addresses on the real host."""
    channel = Channel(articles=PAGES, since=date(2025, 1, 1), until=date(2026, 8, 1))
    with Replica(channel) as replica:
        paths = [story.paths[0] for story in channel.stories][:PAGES]
        return [(f"https://{STDAILY.host}{path}", replica.answer(path).body) for path in paths]


def of_corpus(folder: Path) -> list[Page]:
    """Every fourth of its pages."""
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()[::4]
    return [(page["url"] or "", (folder / page["file"]).read_bytes()) for page in map(json.loads, lines)]


def milliseconds(read: Callable[[str, bytes], object], pages: list[Page]) -> float:
    """The mean of the pages' medians, in milliseconds of CPU."""
    medians = []
    for url, body in pages:
        rounds = []
        for _ in range(ROUNDS):
            started = time.process_time()
            read(url, body)
            rounds.append((time.process_time() - started) * 1e3)
        medians.append(statistics.median(rounds))
    return statistics.mean(medians)


def capture(url: str, body: bytes) -> Capture:
    return Capture(UUID(int=1), "stdaily", "article", url, url, FETCHED_AT, 200, (), None, body, body)


def by_landmarks(url: str, body: bytes) -> object:
    return pipeline.read(capture(url, body), STDAILY)


def by_itself(url: str, body: bytes) -> object:
    return pipeline.read(capture(url, body), undeclared(url))


def fields_alone(url: str, body: bytes) -> object:
    """Everything but the body: what newsetl does beside trafilatura."""
    return read_any(decode(body)[0], url, FETCHED_AT, is_text_wanted=False)


def by_trafilatura(url: str, body: bytes) -> object:
    return trafilatura.bare_extraction(decode(body)[0], url=url or None, with_metadata=True)


def main() -> None:
    """Lines of what and milliseconds."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    sets = {"page of the replica": of_replica()}
    if corpus := os.environ.get("NEWSETL_CORPUS"):
        sets["real page"] = of_corpus(Path(corpus))
    ways: dict[str, Callable[[str, bytes], object]] = {
        "declared, by landmarks": by_landmarks,
        "generic, all": by_itself,
        "generic, without the body": fields_alone,
        "trafilatura, all": by_trafilatura,
    }
    for name, pages in sets.items():
        for way, read in ways.items():
            if read is by_landmarks and name != "page of the replica":
                continue
            milliseconds(read, pages[:3])
            sys.stdout.write(f"{name}: {way}\t{milliseconds(read, pages):.1f} ms\n")


if __name__ == "__main__":
    main()
