"""A page read by newsetl, by its peers, and by the least that anyone could do; each page by all in turns.

Milliseconds of processor time from the page as it came to all fields, warm: the median of a page's rounds,
then of the pages; beside it the same by the clock, the median of the pages' ratios to another way, and the
share of pages in which a title and a text of 30 characters were found. "Declared" is newsetl with the
source's own file, "generic" newsetl without any; what that takes "beside the body" is all but its calls of
trafilatura, which extracts the body for it. The floors read nothing: "lxml" makes a tree, "BeautifulSoup"
makes its own of all of the page, and "container" takes, of lxml's tree, the box around all that the
declared source reads, whose path it is told, and makes a BeautifulSoup tree of that. newspaper4k, news-
please and fundus (where it has a publisher for the page) run in a process of their own, without a network,
and time themselves there; that the replica's English pages call themselves Chinese, as the channel's do, is
kept from all but newsetl.

Pages are those of the replica, 7 KB; the same between the menus, scripts and lists of a site, 60 KB; and,
where a folder with them is at hand (NEWSETL_CORPUS), four Chinese pages of the CMS that the channel runs
on, and English pages of many sites. An argument is how many pages of a kind are read.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from html import escape
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import trafilatura
from bs4 import BeautifulSoup
from lxml import etree

from benchmarks.results import FOLDER, PEERS, peers, show
from newsetl import sources
from newsetl.model import Article, Capture
from newsetl.parse.container import find_container
from newsetl.pipeline import parse_page
from newsetl.replica import MockServer, MockSite
from newsetl.sources.generic import build_generic_source
from newsetl.text.charset import decode
from newsetl.text.html_tree import parse_tree

PAGES, ROUNDS, WARM, SHORTEST = 80, 3, 3, 30
FETCHED_AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
STDAILY = sources.load("stdaily")
CORPUS = Path(os.environ.get("NEWSETL_CORPUS", FOLDER.parents[1] / "shared" / "corpus"))
TOOLS = ("newspaper4k", "news-please", "fundus")
FAST, FLOOR, DECLARED, GENERIC, BESIDE = (
    "trafilatura, fast",
    "floor: container",
    "newsetl, declared",
    "newsetl, generic",
    "newsetl, generic, beside the body",
)


class Page(NamedTuple):
    """A page as it came, its text for those that want one, and the path to the box around its article."""

    url: str
    body: bytes
    html: str
    box: str = ""


class Took(NamedTuple):
    """Milliseconds of the processor and by the clock, and whether a title and a text were found."""

    cpu: float
    clock: float
    is_read: bool


Way = Callable[[Page], Took | None]


def page_of(url: str, body: bytes, *, is_declared: bool) -> Page:
    """Build a page with everything that is computed once."""
    html = decode(body)[0].replace('<html lang="zh-CN">', '<html lang="en">', 1)
    box = find_container(parse_tree(html), STDAILY.parse) if is_declared else None
    return Page(url, body, html, box.getroottree().getpath(box) if box is not None else "")


def of_replica(count: int) -> tuple[list[tuple[str, bytes]], list[tuple[str, bytes]]]:
    """Articles of the replica with their addresses on the real host, as they are and at a real size."""
    channel = MockSite(articles=count, since=date(2025, 1, 1), until=date(2026, 8, 1), rejected=0)
    with MockServer(channel) as replica:
        paths = [story.paths[0] for story in channel.listed_articles]
        found = [(f"https://{STDAILY.host}{path}", replica.respond(path).body) for path in paths]
    titles = [story.printed_title for story in channel.listed_articles]
    return found, [(url, at_real_size(body, titles)) for url, body in found]


def at_real_size(body: bytes, titles: Sequence[str]) -> bytes:
    """Return the page with the scripts, styles, menus, lists and links of a full site.

    Stored pages of the channel's CMS have 11 to 143 KB, most of it such.
    """
    page, title = body.decode(), cycle(map(escape, titles))
    rules = "".join(f".box{n} > li a:hover {{ margin: {n}px auto; color: #{n:06x}; }}\n" for n in range(200))
    calls = "".join(f'track.push(["event", {n}, {{ "box": "b{n}", "at": {n * n} }}]);\n' for n in range(150))
    menus = "".join(
        f'<li class="item"><a href="/web/m{n}/node_{n}.html">{next(title).split()[0]}</a><ul>'
        + "".join(f'<li><a href="/web/m{n}/node_{n}_{m}.html">{next(title)[-20:]}</a></li>' for m in range(8))
        + "</ul></li>"
        for n in range(16)
    )
    lists = "".join(
        f'<div class="right_list list{n}"><h3>List {n}</h3><ul>'
        + "".join(
            f'<li class="clearfix"><a href="/web/l{n}/content_{n}{m}.html" target="_blank">'
            f'<img src="/pic/{n}/{m}.jpg" width="120" height="80" alt="">'
            f'<span class="tit">{next(title)}</span></a></li>'
            for m in range(12)
        )
        + "</ul></div>"
        for n in range(8)
    )
    friends = "".join(f'<a href="https://friend{n}.example/">Friend {n}</a> | ' for n in range(60))
    page = page.replace("</head>", f"<style>\n{rules}</style>\n<script>\n{calls}</script>\n</head>", 1)
    page = page.replace(
        "<body>", f'<body>\n<ul class="mega">{menus}</ul>\n<div class="wrap"><div class="left">', 1
    )
    return page.replace(
        "</body>", f"</div><div class='right'>{lists}</div></div>\n<div>{friends}</div>\n</body>"
    ).encode()


def of_founder() -> list[tuple[str, bytes]]:
    """Real pages of the channel's CMS."""
    return [("", file.read_bytes()) for file in sorted((CORPUS / "founder").glob("*.html"))]


def of_sites(count: int, folder: Path) -> list[tuple[str, bytes]]:
    """Return `count` pages of many sites, spread over the list."""
    if not (CORPUS / "gold.jsonl").exists() and (CORPUS / "dev.tar.xz").exists():
        with tarfile.open(CORPUS / "dev.tar.xz") as packed:
            packed.extractall(folder, filter="data")
    else:
        folder = CORPUS
    if not (folder / "gold.jsonl").exists():
        return []
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    told = [page for page in map(json.loads, lines) if page["lang"] == "en"]
    chosen = told[:: max(1, len(told) // count)][:count]
    return [(page["url"] or "", (folder / page["file"]).read_bytes()) for page in chosen]


def timed(read: Callable[[Page], tuple[str | None, str | None]]) -> Way:
    """`read` as a way that is timed in this process."""

    def method(page: Page) -> Took:
        # What another way has left behind is not cleared away in this one's time.
        gc.collect()
        clock, cpu = time.perf_counter(), time.process_time()
        title, text = read(page)
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
        return Took(cpu * 1e3, clock * 1e3, is_answer(title, text))

    return method


def is_answer(title: str | None, text: str | None) -> bool:
    """True if a reader has something of the page."""
    return bool(title) and len(text or "") >= SHORTEST


def capture(page: Page) -> Capture:
    return Capture(
        UUID(int=1), "stdaily", "article", page.url, page.url, FETCHED_AT, 200, (), None, page.body, page.body
    )


def declared(page: Page) -> tuple[str | None, str | None]:
    got = parse_page.parse_page(capture(page), STDAILY)
    return (got.title, got.text) if isinstance(got, Article) else (None, None)


def generic(page: Page) -> tuple[str | None, str | None]:
    got = parse_page.parse_page(capture(page), build_generic_source(page.url))
    return (got.title, got.text) if isinstance(got, Article) else (None, None)


def beside_the_body(page: Page) -> Took:
    """`generic` less the time that trafilatura has."""
    own, extract = [0.0, 0.0], trafilatura.bare_extraction

    def measured(*given: Any, **named: Any) -> Any:
        clock, cpu = time.perf_counter(), time.process_time()
        try:
            return extract(*given, **named)
        finally:
            own[0] += (time.process_time() - cpu) * 1e3
            own[1] += (time.perf_counter() - clock) * 1e3

    trafilatura.bare_extraction = measured
    try:
        whole = timed(generic)(page)
    finally:
        trafilatura.bare_extraction = extract
    assert whole is not None
    return Took(whole.cpu - own[0], whole.clock - own[1], whole.is_read)


def by_trafilatura(page: Page, *, is_fast: bool) -> tuple[str | None, str | None]:
    got = trafilatura.bare_extraction(page.html, url=page.url or None, with_metadata=True, fast=is_fast)
    return (got.title, got.text) if got is not None and not isinstance(got, dict) else (None, None)


def floor_of_lxml(page: Page) -> tuple[str | None, str | None]:
    root = parse_tree(page.html)
    return root.findtext(".//title"), root.text_content()


def floor_of_soup(page: Page) -> tuple[str | None, str | None]:
    soup = BeautifulSoup(page.html, "lxml")
    return soup.title and soup.title.get_text(), soup.get_text()


def floor_of_container(page: Page) -> tuple[str | None, str | None]:
    root = parse_tree(page.html)
    box = root.xpath(page.box)[0]
    soup = BeautifulSoup(etree.tostring(box, encoding="unicode", method="html", with_tail=False), "lxml")
    return root.findtext(".//title"), soup.get_text()


@contextmanager
def in_peers() -> Iterator[dict[str, Way]]:
    """List the tools of the peers' environment, if it exists."""
    if not PEERS.exists():
        show("newspaper4k, news-please, fundus", "left out", beside="no peers: `make bench` sets them up")
        yield {}
        return
    with subprocess.Popen(
        [PEERS, FOLDER / "peers" / "page.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    ) as worker:
        asking, answers = worker.stdin, worker.stdout
        assert asking is not None
        assert answers is not None

        def method(tool: str) -> Way:
            def read(page: Page) -> Took | None:
                asking.write(json.dumps({"tool": tool, "url": page.url, "html": page.html}) + "\n")
                asking.flush()
                got = json.loads(answers.readline())
                return Took(got["cpu"], got["clock"], is_answer(got["title"], got["text"])) if got else None

            return read

        yield {tool: method(tool) for tool in TOOLS}
        asking.close()


Times = dict[str, dict[int, list[Took]]]


def measure(pages: Sequence[Page], methods: dict[str, Way]) -> Times:
    """Parse every page by every tool in turns, round after round."""
    times: Times = defaultdict(lambda: defaultdict(list))
    for page in pages[:WARM]:
        for method in methods.values():
            method(page)
    gc.collect()
    gc.freeze()
    for number, page in enumerate(pages):
        for _ in range(ROUNDS):
            for name, method in methods.items():
                if (took := method(page)) is not None:
                    times[name][number].append(took)
    return times


def tell(what: str, count: int, times: Times) -> None:
    """Yield a row per tool."""
    cpu = {
        name: {n: statistics.median(each.cpu for each in rounds) for n, rounds in pages.items()}
        for name, pages in times.items()
    }

    def ratio(name: str, other: str) -> float:
        return statistics.median(cpu[name][n] / cpu[other][n] for n in cpu[name] if n in cpu[other])

    for name, pages in times.items():
        clock = statistics.median(
            statistics.median(each.clock for each in rounds) for rounds in pages.values()
        )
        read = statistics.mean(rounds[0].is_read for rounds in pages.values())
        beside = [f"{clock:.2f} ms by the clock", f"{read:.0%} answered"]
        beside += [f"of {len(pages)} pages that it knows"] * (len(pages) < count)
        goal, met = "", None
        if name == DECLARED:
            over = ratio(name, FLOOR)
            beside.append(f"{over:.2f} x the container's floor")
            goal, met = "1.3 x the floor at most", over <= 1.3
        elif name == BESIDE:
            goal, met = "2 ms at most", statistics.median(cpu[name].values()) <= 2
        elif name not in (FAST, FLOOR):
            beside.append(f"{ratio(name, FAST):.2f} x trafilatura, fast")
        show(
            f"{what}: {name}",
            f"{statistics.median(cpu[name].values()):.2f} ms",
            beside="; ".join(beside),
            goal=goal,
            met=met,
        )
    if DECLARED in times:
        faster = ratio(FAST, DECLARED)
        show(
            f"{what}: trafilatura, fast, to newsetl, declared",
            f"{faster:.1f} x",
            beside="the time of the one in that of the other",
            goal="5 x at least",
            met=faster >= 5,
        )


def main() -> None:
    """Yield a row per tool and kind of page."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PAGES
    with ExitStack() as stack:
        of_peers = stack.enter_context(in_peers())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        small, large = of_replica(count)
        sets = {
            "replica, 7 KB": (small, True),
            "replica, 60 KB": (large, True),
            "the channel's CMS": (of_founder(), True),
            "real pages": (of_sites(count, folder), False),
        }
        show(
            "versions of the peers", peers(*TOOLS) or "none", beside=f"trafilatura {trafilatura.__version__}"
        )
        for what, (found, is_declared) in sets.items():
            if not found:
                show(what, "left out", beside="no such pages: NEWSETL_CORPUS names a folder with them")
                continue
            pages = [page_of(url, body, is_declared=is_declared) for url, body in found]
            methods = {"floor: lxml": timed(floor_of_lxml)}
            if is_declared:
                methods |= {FLOOR: timed(floor_of_container), DECLARED: timed(declared)}
            methods |= {
                "floor: BeautifulSoup": timed(floor_of_soup),
                BESIDE: beside_the_body,
                GENERIC: timed(generic),
                FAST: timed(lambda page: by_trafilatura(page, is_fast=True)),
                "trafilatura, full": timed(lambda page: by_trafilatura(page, is_fast=False)),
                **of_peers,
            }
            sizes = statistics.median(len(page.body) for page in pages) / 1000
            show(
                f"{what}: pages",
                f"{len(pages)}",
                beside=f"{sizes:.0f} KB in the middle, {ROUNDS} rounds each",
            )
            tell(what, len(pages), measure(pages, methods))


if __name__ == "__main__":
    main()
