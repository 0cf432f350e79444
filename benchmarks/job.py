"""The whole job: from nothing to rows in DuckDB that can be queried, for 2,000 articles of a replica.

The replica stands in a process of its own, without a pause between requests, its pages made beforehand.
newsetl, as a command and as a Prefect flow with a server running, each with two workers, reads robots.txt,
every listing and the sitemap, archives every response, normalises names, dates and addresses, records each
request, and publishes a copy for readers. The peers read the sitemap and the articles, and keep none of that:
Scrapy (a SitemapSpider with an item pipeline), dlt (a parallelized transformer, merged by address), and a
script of httpx with eight threads or two processes. All of them read pages by one function with BeautifulSoup
and lxml. It knows this site's templates, and leaves out what newsetl has besides: captions and credits,
agencies in one spelling, addresses in one form, why a page is none, what is due again. Scrapy and dlt try
again what fails, the script does not. All take turns, three rounds. A field is right if it is what the
replica itself says of the article; what peers have wrong is a spelling that they do not normalise, or a form
of a line that they do not know. The parse floor is newsetl's reader alone on the same pages, in memory, in
two processes at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from benchmarks.memory import Whole, whole
from benchmarks.prefect import FLOW, NEWSETL, seconds, server
from benchmarks.results import PEERS, show
from newsetl import sources
from newsetl.archive.reader import iterate_captures
from newsetl.model import Capture
from newsetl.pipeline import parse_page
from newsetl.replica.response import MockResponse

ARTICLES, ROUNDS = 2_000, 3
PROCESSES = 2
FIELDS = ("title", "published_at", "source", "authors", "editors", "section", "text", "images")
OWN_ROWS = """
    SELECT url, title, published_at, agency, authors, editors, section, text,
           (SELECT list(one.url ORDER BY position) FROM images one WHERE one.article_id = articles.article_id)
    FROM articles
"""
PEER_ROWS = "SELECT url, title, published_at, source, authors, editors, section, text, images FROM "


class Site(asyncio.Protocol):
    """HTTP/1.1 for what is known beforehand: one connection, request after request."""

    asked = 0

    def __init__(self, replica: Whole, made: dict[str, bytes]) -> None:
        self._replica, self._made, self._held = replica, made, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport of a new connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Send the response to each complete request; none has a body."""
        self._held += data
        while b"\r\n\r\n" in self._held:
            head, _, self._held = self._held.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode().partition("?")[0]
            if path not in self._made:
                self._made[path] = response(self._replica.respond(path))
            Site.asked += 1
            self._transport.write(self._made[path])


def response(answer: MockResponse) -> bytes:
    """Build the bytes of a response as the mock site's own server sends it."""
    lines = [f"HTTP/1.1 {answer.status.value} {answer.status.phrase}", "Server: Replica"]
    lines.append(f"Date: {format_datetime(datetime.now().astimezone())}")
    if answer.etag:
        lines.append(f"ETag: {answer.etag}")
    if answer.modified_at:
        lines.append(f"Last-Modified: {format_datetime(answer.modified_at, usegmt=True)}")
    lines += [f"Content-Type: {answer.kind}", f"Content-Length: {len(answer.body)}", "", ""]
    return "\r\n".join(lines).encode() + answer.body


def serve(articles: int, truth: Path) -> None:
    """Serves until standard input ends; what is true of each article goes into a file of JSON lines."""
    replica = whole(articles)

    async def run() -> None:
        made: dict[str, bytes] = {}
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(lambda: Site(replica, made), "127.0.0.1", 0)
        replica.base_url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        with truth.open("w", encoding="utf-8") as file:
            for story in replica.site.listed_articles:
                made[story.paths[0]] = response(replica.respond(story.paths[0]))
                if not story.reject_reason:
                    file.write(json.dumps(story.build_expected(replica.base_url)) + "\n")
        print(replica.base_url, flush=True)  # noqa: T201  # to who started this process
        ended = asyncio.Event()
        loop.add_reader(sys.stdin.fileno(), ended.set)
        before = time.process_time()
        await ended.wait()
        print((time.process_time() - before) / max(Site.asked, 1), flush=True)  # noqa: T201
        listening.close()

    asyncio.run(run())
    os._exit(0)  # the replica's own server was never started, and waits for that


@contextmanager
def served(articles: int, truth: Path) -> Iterator[str]:
    """Yield the base URL of such a site; at the end, measure the cost of a response."""
    command = [sys.executable, "-m", "benchmarks.job", "--serve", str(truth), "--articles", str(articles)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as site:
        assert site.stdin
        assert site.stdout
        try:
            yield site.stdout.readline().strip()
        finally:
            site.stdin.close()
            cost = site.stdout.readline()
    show("CPU of the replica, an answer", f"{float(cost) * 1e3:.2f} ms")


class Way(NamedTuple):
    """One that does the job: its command, where BASE and FOLDER stand for what they are, and its rows."""

    name: str
    python: str
    words: tuple[str, ...]
    file: str
    rows: str
    environment: dict[str, str]


def methods(prefect: dict[str, str]) -> list[Way]:
    """List every tool that is installed."""
    own, peers = sys.executable, str(PEERS)
    command = ("-c", NEWSETL, "ingest", "stdaily", "--data", "FOLDER", "--base-url", "BASE")
    workers = {"NEWSETL_WORKERS": str(PROCESSES)}
    found = [
        Way("newsetl ingest", own, command, "news.duckdb", OWN_ROWS, workers),
        Way(
            "newsetl as a Prefect flow",
            own,
            ("-c", FLOW, "FOLDER", "BASE"),
            "news.duckdb",
            OWN_ROWS,
            prefect | workers,
        ),
    ]
    module = ("-m", "benchmarks.peers.script", "BASE", "FOLDER/news.duckdb")
    plain = f"{PEER_ROWS} articles"
    if PEERS.exists():
        crawl = ("-m", "benchmarks.peers.crawl", "BASE", "FOLDER/news.duckdb")
        load = ("-m", "benchmarks.peers.dlt_source", "BASE", "FOLDER/news.duckdb")
        found += [
            Way("Scrapy", peers, crawl, "news.duckdb", plain, {}),
            Way(
                "dlt",
                peers,
                load,
                "news.duckdb",
                f"{PEER_ROWS} channel_news.articles",
                {"RUNTIME__DLTHUB_TELEMETRY": "false"},
            ),
        ]
    else:
        show("Scrapy and dlt", "not at hand: make .venv-peers/.ready")
    found += [
        Way(f"a script with {how}", own, (*module, how), "news.duckdb", plain, {})
        for how in ("threads", "processes")
    ]
    return found


class Ran(NamedTuple):
    """One go: by the clock, of the processor."""

    clock: float
    processor: float


def right(folder: Path, method: Way, truth: dict[str, dict[str, Any]]) -> tuple[int, float, str]:
    """Return the number of articles, the share of right fields, and how often each field is wrong."""
    wrong: dict[str, int] = defaultdict(int)
    with duckdb.connect(str(folder / method.file), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = {row[0]: row[1:] for row in connection.execute(method.rows).fetchall()}
    for url, expected in truth.items():
        row = dict(zip(FIELDS, rows.get(url, (None,) * len(FIELDS)), strict=True))
        for name in FIELDS:
            value = row[name]
            if name in ("authors", "editors", "images"):
                value = json.loads(value) if isinstance(value, str) else list(value or ())
            wrong[name] += value != expected[name]
    share = 1 - sum(wrong.values()) / (len(FIELDS) * len(truth))
    said = ", ".join(f"{name} {count}" for name, count in wrong.items() if count)
    return len(rows.keys() & truth.keys()), share, said


def known(file: Path) -> dict[str, dict[str, Any]]:
    """Return the right values of each article by its URL."""
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        found[said["url"]] = said | {
            "published_at": datetime.fromisoformat(said["published_at"]),
            "source": said["agency"],
            "images": [image["url"] for image in said["images"]],
        }
    return found


def floor(folder: Path, base: str) -> float:
    """Articles a second that newsetl's reader alone reads of what is archived there, on two processes."""
    with ExitStack() as stack:
        readers = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "benchmarks.job", "--read", str(folder), base, str(index)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for index in range(PROCESSES)
        ]
        pages = sum(int(reader.stdout.readline()) for reader in readers if reader.stdout)
        for reader in readers:
            assert reader.stdin
            reader.stdin.write("go\n")
            reader.stdin.flush()
        return pages / max(float(reader.stdout.readline()) for reader in readers if reader.stdout)


def read(folder: Path, base: str, index: int) -> None:
    """Reads every second article, once it is told to; prints how many there are, and the seconds."""
    source = sources.load("stdaily").with_base_url(base)
    found = [
        each for each in iterate_captures(folder) if isinstance(each, Capture) and each.kind == "article"
    ][index::PROCESSES]
    parse_page.parse_page(found[0], source)
    print(len(found), flush=True)  # noqa: T201  # to who started this process
    sys.stdin.readline()
    started = time.perf_counter()
    for capture in found:
        parse_page.parse_page(capture, source)
    print(time.perf_counter() - started, flush=True)  # noqa: T201


def main(articles: int = ARTICLES, rounds: int = ROUNDS) -> None:
    """Yield a row per tool, then the ratios."""
    ran: dict[str, list[Ran]] = defaultdict(list)
    found: dict[str, tuple[int, float, str]] = {}
    floors = []
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        base = stack.enter_context(served(articles, home / "truth.jsonl"))
        truth = known(home / "truth.jsonl")
        url = stack.enter_context(server(str(home / "prefect")))
        at_hand = methods({"PREFECT_API_URL": url, "PREFECT_HOME": str(home / "prefect")})
        for turn in range(rounds):
            for method in at_hand[turn % 2 :] + at_hand[: turn % 2]:
                with tempfile.TemporaryDirectory() as folder:
                    words = [word.replace("FOLDER", folder).replace("BASE", base) for word in method.words]
                    ran[method.name].append(Ran(*seconds(*words, python=method.python, **method.environment)))
                    found[method.name] = right(Path(folder), method, truth)
                    if method is at_hand[0]:
                        floors.append(floor(Path(folder) / "archive", base))
    middle = {
        name: Ran(*(statistics.median(each) for each in zip(*goes, strict=True)))
        for name, goes in ran.items()
    }
    own = middle["newsetl ingest"]
    for name, took in middle.items():
        count, share, wrong = found[name]
        show(
            name,
            f"{articles / took.clock:.0f} articles/s",
            beside=f"{took.clock:.1f} s, {took.processor:.1f} s of CPU; "
            f"{took.clock / own.clock:.2f} times the seconds of newsetl ingest",
        )
        show(
            f"{name}: rows, fields that are right",
            f"{count:,} of {len(truth):,}, {share:.1%}",
            beside=f"wrong: {wrong}" if wrong else "",
            **(
                {"goal": "all", "met": count == len(truth) and not wrong}
                if name.startswith("newsetl")
                else {}
            ),
        )
    parsed = statistics.median(floors)
    show("the parse floor, two processes", f"{parsed:.0f} articles/s")
    share = articles / own.clock / parsed
    show("newsetl ingest of what two cores can parse", f"{share:.0%}", goal="at least 80 %", met=share >= 0.8)
    if "Scrapy" in middle:
        times = middle["Scrapy"].clock / own.clock
        show("newsetl ingest against Scrapy", f"{times:.1f} times", goal="at least 2 times", met=times >= 2)
    flow = middle["newsetl as a Prefect flow"]
    more = flow.clock / own.clock - 1
    show(
        "Prefect's share",
        f"{more:.0%}",
        beside=f"{flow.clock - own.clock:.1f} s, {flow.processor - own.processor:.1f} s of CPU a run",
        goal="under 10 %",
        met=more < 0.1,
    )


def profile(articles: int, file: Path) -> None:
    """Writes where the time of one ingest goes: the share of samples in each function, and in it alone."""
    whole: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as home, served(articles, Path(home) / "truth.jsonl") as base:
        raw = Path(home) / "samples"
        spy = [
            str(PEERS.with_name("py-spy")),
            "record",
            "--rate",
            "200",
            "--format",
            "raw",
            "--output",
            str(raw),
        ]
        command = [
            sys.executable,
            "-c",
            NEWSETL,
            "ingest",
            "stdaily",
            "--data",
            f"{home}/data",
            "--base-url",
            base,
        ]
        subprocess.run([*spy, "--", *command], capture_output=True, check=True)
        for line in raw.read_text(encoding="utf-8").splitlines():
            stack, _, count = line.rpartition(" ")
            frames = [re.sub(r":\d+\)$", ")", frame) for frame in stack.split(";")]
            alone[frames[-1]] += int(count)
            for frame in set(frames):
                whole[frame] += int(count)
    total = alone.total()
    lines = [f"{total} samples, 200 a second; {articles} articles", "  with  alone  function"]
    lines += [f"{n / total:6.1%} {alone[name] / total:6.1%}  {name}" for name, n in whole.most_common(100)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def asked() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.job")
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--profile", metavar="FILE", type=Path, help="instead, where newsetl's time goes")
    parser.add_argument("--serve", metavar="TRUTH", type=Path, help="a process that serves")
    parser.add_argument("--read", nargs=3, metavar=("ARCHIVE", "BASE", "INDEX"), help="a process that reads")
    return parser.parse_args()


if __name__ == "__main__":
    given = asked()
    if given.serve:
        serve(given.articles, given.serve)
    elif given.read:
        read(Path(given.read[0]), given.read[1], int(given.read[2]))
    elif given.profile:
        profile(given.articles, given.profile)
    else:
        main(given.articles, given.rounds)
