"""Pages spoilt at random, and what reading one of them must come to: an article or a reject."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from newsetl import sources
from newsetl.model import Article, Capture, Reject
from newsetl.pipeline import parse_page
from newsetl.reasons import Reason
from newsetl.replica import MockServer, MockSite
from newsetl.sources.generic import build_generic_source

SOURCE = sources.load("stdaily")
FETCHED_AT = datetime(2026, 11, 24, 8, tzinfo=UTC)


def capture(body: bytes, url: str = "", charset: str | None = "utf-8") -> Capture:
    return Capture(UUID(int=1), SOURCE.slug, "article", url, url, FETCHED_AT, 200, (), charset, body, body)


def read_any(body: bytes, url: str = "", charset: str | None = "utf-8") -> Article | Reject:
    """Return the page as one that no source declares."""
    return parse_page.parse_page(capture(body, url, charset), build_generic_source(url))


def read(body: bytes, url: str = "", charset: str | None = "utf-8") -> Article | Reject:
    return parse_page.parse_page(capture(body, url, charset), SOURCE)


def pages() -> list[tuple[str, bytes]]:
    """Pages of every form and template that the replica has, its refused ones and its lists."""
    channel = MockSite(articles=60, since=date(2022, 1, 10), until=date(2026, 8, 1), rejected=2)
    with MockServer(channel) as replica:
        paths = [path for story in channel.listed_articles for path in story.paths]
        lists = ["/web/English/index.html", "/web/English/node_474.html", "/sitemap.xml"]
        return [(f"https://{SOURCE.host}{path}", replica.respond(path).body) for path in [*paths, *lists]]


def spoilt(rng: Random, body: bytes, other: bytes) -> bytes:
    """Return the page with one to four faults."""
    for _ in range(rng.randint(1, 4)):
        if not body:
            break
        start = rng.randrange(len(body))
        end = min(len(body), start + rng.choice([1, 7, 60, 900, len(body)]))
        match rng.randrange(9):
            case 0:  # bytes flipped
                body = (
                    body[:start] + bytes(byte ^ rng.randrange(256) for byte in body[start:end]) + body[end:]
                )
            case 1:  # cut off
                body = body[:start]
            case 2:  # a piece gone
                body = body[:start] + body[end:]
            case 3:  # a piece twice
                body = body[:end] + body[start:]
            case 4:  # some tags dropped
                tags = list(re.finditer(rb"<[^>]*>", body))
                for tag in sorted(rng.sample(tags, min(len(tags), 12)), key=lambda tag: -tag.start()):
                    body = body[: tag.start()] + body[tag.end() :]
            case 5:  # all tags of one name dropped
                name = rng.choice([b"p", b"div", b"h1", b"span", b"li", b"a", b"body", b"img"])
                body = re.sub(rb"</?" + name + rb"\b[^>]*>", b"", body)
            case 6:  # two pieces exchanged
                middle = (start + end) // 2
                body = body[:start] + body[middle:end] + body[start:middle] + body[end:]
            case 7:  # a piece of another page
                there = rng.randrange(max(1, len(other)))
                body = body[:start] + other[there : there + end - start] + body[start:]
            case _:  # what breaks parsers
                odd = [
                    b"\x00",
                    b"<!--",
                    b"]]>",
                    b"&#0;",
                    b"&#xD800;",
                    b"<![CDATA[",
                    b"\xed\xa0\x80",
                    b"<" * 200,
                    b"<div>" * 3000,
                    b"&#x110000;",
                    b"\xff\xfe",
                    b"9" * 5000,
                    b"<table><tr>",
                    b"Source: | |",
                ]
                body = body[:start] + rng.choice(odd) + body[start:]
    return body


def with_data(rng: Random, body: bytes) -> bytes:
    """Return the page with JSON-LD, meta tags, microdata and a byline, each in one of many states."""
    values: list[Any] = [
        None,
        7,
        "",
        "Li Na",
        "https://a.example/",
        "2024-02-31",
        "2099-01-01",
        "4 March",
        [],
        {},
    ]
    values += [
        "2024-03-04T10:00:00Z",
        ["Li Na", {"name": ["Wen Abara"]}],
        {"@id": "#a"},
        [[[{"@type": []}]]],
        True,
    ]
    keys = [
        "headline",
        "author",
        "editor",
        "datePublished",
        "image",
        "articleSection",
        "mainEntityOfPage",
        "url",
    ]
    node = {"@type": rng.choice(["NewsArticle", ["Article", 3], "WebPage", None, {}]), "@id": "#a"}
    node |= {key: rng.choice(values) for key in keys}
    script = json.dumps(rng.choice([node, [node, node], {"@graph": [node, {"isPartOf": node}]}]))
    cut = rng.choice([len(script), len(script), rng.randrange(len(script))])
    metas = "".join(
        f'<meta {rng.choice(["name", "property"])}="{name}" content="{rng.choice(values)}">'
        for name in ("author", "article:published_time", "og:title", "article:section", "twitter:data1")
    )
    head = f'{metas}<script type="application/ld+json">{script[:cut]}</script>'.encode()
    line = (
        b'<p class="byline">By <a rel="author">Li Na</a> <time datetime="x">3/4/24</time></p><p>Edited by</p>'
    )
    return head + body.replace(b"<p>", line + b"<p>", 1)


def read_spoilt(count: int) -> Counter[str]:
    """Read so many spoilt pages of the source; count what they came to."""
    rng, whole, outcomes = Random(11), pages(), Counter[str]()
    for number in range(count):
        (url, body), (_, other) = rng.choice(whole), rng.choice(whole)
        body = spoilt(rng, body, other)
        charset = rng.choice(["utf-8", None, "gb2312", "gb18030", "latin-1", "utf-16", "no-such"])
        found = read(body, rng.choice([url, url, ""]), charset)
        if isinstance(found, Reject):
            assert found.reason is not Reason.PARSER_ERROR, f"page {number}: {found.message}"
            outcomes[found.reason] += 1
        else:
            assert found.title.strip()
            assert found.text.strip()
            assert found.published_at.tzinfo is UTC
            outcomes["article"] += 1
    return outcomes


def read_spoilt_of_no_source(count: int) -> Counter[str]:
    """Read so many spoilt pages as of no declared source; count what they came to."""
    rng, whole, outcomes = Random(13), pages(), Counter[str]()
    for number in range(count):
        (url, body), (_, other) = rng.choice(whole), rng.choice(whole)
        body = with_data(rng, body)
        if rng.random() < 0.8:
            body = spoilt(rng, body, other)
        found = read_any(body, rng.choice([url, "", "https://[", "http://a.example/2024/13/45/x"]))
        if isinstance(found, Reject):
            assert found.reason is not Reason.PARSER_ERROR, f"page {number}: {found.message}"
            outcomes[found.reason] += 1
        else:
            assert found.title.strip()
            assert found.text.strip()
            assert found.published_at is None or found.published_at <= FETCHED_AT + timedelta(days=1)
            assert not [name for name in found.authors if "://" in name]
            outcomes["article"] += 1
    return outcomes
