"""What holds of every metadata line, date, byline and address, and of every page however it is spoilt."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from newsetl import sources
from newsetl.errors import NormaliseError
from newsetl.model import Article, Capture, Reject
from newsetl.normalise.bylines import build_credits, split_names
from newsetl.pipeline import parse_page
from newsetl.reasons import Reason
from newsetl.replica import MockServer, MockSite
from newsetl.sources import urls
from newsetl.sources.generic import build_generic_source
from newsetl.text.dates import parse_date
from newsetl.text.whitespace import normalise_letters

SOURCE = sources.load("stdaily")
ZONE = SOURCE.timezone
FETCHED_AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
ADDRESS = "https://www.stdaily.com/web/English/2026-08/22/content_1.html"
PAGES = int(os.environ.get("NEWSETL_FUZZ_PAGES", "1500"))

FIRST = st.sampled_from(["Long", "Chen", "Wang", "Zoë", "Ana-María", "O'Neil", "Anders", "Andrea", "Ming"])
LAST = st.sampled_from(["YUN", "CHUNYOU", "McLoud", "de Vries", "Sandoval", "Xiaoxia", "HAND", "Ferdinand"])
NAME = st.tuples(FIRST, LAST).map(" ".join) | st.sampled_from(["王晓夏", "毕文婷"])
NAMES = st.lists(NAME, min_size=1, max_size=4, unique_by=normalise_letters)
WORD = st.from_regex(r"[A-Z][a-z]{2,8}", fullmatch=True)
AGENCY = st.lists(WORD, min_size=1, max_size=3).map(" ".join) | st.sampled_from(["新华社", "CGTN", "Xinhua"])
MOMENT = st.integers(0, 9 * 365 * 86_400 - 86_400 * 60).map(
    lambda seconds: datetime(2018, 1, 1, tzinfo=ZONE) + timedelta(seconds=seconds)
)
BLANK = st.sampled_from(["", " ", "  ", "\xa0", "\u3000"])


def capture(body: bytes, url: str = "", charset: str | None = "utf-8") -> Capture:
    return Capture(UUID(int=1), SOURCE.slug, "article", url, url, FETCHED_AT, 200, (), charset, body, body)


def read_any(body: bytes, url: str = "", charset: str | None = "utf-8") -> Article | Reject:
    """The same page, as one that no source declares."""
    return parse_page.parse_page(capture(body, url, charset), build_generic_source(url))


def read(body: bytes, url: str = "", charset: str | None = "utf-8") -> Article | Reject:
    return parse_page.parse_page(capture(body, url, charset), SOURCE)


@st.composite
def metadata_lines(draw: st.DrawFn, agency: str, moment: datetime, author: str) -> str:
    """The line in one of its printed forms: blanks, colons, bars and letters vary."""

    def label(name: str) -> str:
        spelt = draw(st.sampled_from([name, name.upper(), name.lower()]))
        return f"{spelt}{draw(BLANK)}{draw(st.sampled_from([':', '：']))}{draw(BLANK)}"

    bar = draw(st.sampled_from([" | ", "|", "\xa0|\xa0", " ｜ ", "丨"]))
    return f"{label('Source')}{agency}{bar}{moment:%Y-%m-%d %H:%M:%S}{bar}{label('Author')}{author}"


@settings(max_examples=150, deadline=None)
@given(st.data(), AGENCY, MOMENT, NAMES)
def test_a_metadata_line_says_the_same_in_every_form(
    data: st.DataObject, agency: str, moment: datetime, names: list[str]
) -> None:
    assume(not re.search(r"(?i)source|author|editor|by$|photo", agency))
    line = data.draw(metadata_lines(agency, moment, " & ".join(names)))
    text = "\n".join(["A Headline of Some Words", line, *("A paragraph that says something. " * 3,) * 2])
    found = read(text.encode())
    assert isinstance(found, Article), (line, found)
    assert found.title == "A Headline of Some Words"
    assert found.agency is not None
    assert normalise_letters(found.agency) == normalise_letters(agency), line
    assert found.published_at == moment.astimezone(UTC), line
    assert found.published_precision == "second"
    assert list(found.authors) == names, line
    assert "Source" not in found.text


FORMS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d %H:%M:%S",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
)


@given(MOMENT, st.sampled_from(FORMS), BLANK, BLANK, st.sampled_from(["", ".0", ":756"]))
def test_a_date_is_read_in_every_form(
    moment: datetime, form: str, before: str, after: str, thousandth: str
) -> None:
    there = parse_date(f"{before}{moment.strftime(form)}{thousandth}{after}", ZONE)
    assert there.at == moment.astimezone(UTC)
    assert there.precision == "second"
    minute, day = form.removesuffix(":%S"), re.split(r"[ T]", form)[0]
    assert parse_date(moment.strftime(minute), ZONE).at == there.at - timedelta(seconds=moment.second)
    only_day = parse_date(moment.strftime(day), ZONE)
    assert (only_day.at.astimezone(ZONE).date(), only_day.precision) == (moment.date(), "day")


@given(st.text(max_size=40) | st.from_regex(r"\d{1,5}[-/.年]\d{1,3}[-/.月]\d{1,3}.{0,12}", fullmatch=True))
def test_what_is_no_date_is_refused_as_one(raw: str) -> None:
    try:
        at, reason = parse_date(raw, ZONE).at, Reason.BAD_DATE
    except NormaliseError as error:
        at, reason = FETCHED_AT, error.reason
    assert (at.tzinfo, reason) == (UTC, Reason.BAD_DATE)


@given(NAMES, st.sampled_from([" & ", " and ", "、", ", ", ",", "，", " AND ", "; ", "&"]))
def test_names_come_apart_as_they_were_joined(names: list[str], joint: str) -> None:
    assert [name for name, _ in split_names(joint.join(names), SOURCE)] == names


@given(st.text(max_size=60) | st.lists(NAME | st.sampled_from(list(" &,、;|.:()")), max_size=8).map("".join))
def test_any_byline_gives_numbered_names_that_stay_as_they_are(printed: str) -> None:
    credits = build_credits("author", (printed,), SOURCE)
    assert [credit.position for credit in credits] == list(range(1, len(credits) + 1))
    names = [credit.name for credit in credits]
    assert len(names) == len(set(names))
    assert all(name.strip() for name in names)


@given(
    st.dates(date(2018, 1, 1), date(2026, 11, 23)),
    st.integers(1, 10**7 - 1),
    st.sampled_from(["web", "hashed", "dated"]),
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(SOURCE.hosts),
    st.sampled_from(["", "?from=timeline", "?utm_source=x&spm=1", "#top", "?a=b"]),
)
def test_an_article_has_one_address_however_it_is_reached(
    day: date, number: int, form: str, scheme: str, host: str, tail: str
) -> None:
    path = {
        "web": f"/web/English/{day:%Y-%m/%d}/content_{number}.html",
        "hashed": f"/English/News/{day:%Y%m}/{number:032x}.shtml",
        "dated": f"/English/News/{day:%Y-%m/%d}/content_{number}.shtml",
    }[form]
    url = f"{scheme}://{host}{path}{tail}"
    canonical = urls.canonicalise(SOURCE, url)
    assert canonical == f"https://{SOURCE.host}{path}"
    assert urls.canonicalise(SOURCE, canonical) == canonical
    assert urls.is_article(SOURCE, url)
    found = urls.match_form(SOURCE, url)
    assert found is not None
    assert found.name == form
    days = urls.get_days(SOURCE, url)
    assert days is not None
    assert days[0] <= day <= days[1]
    assert (days[0] == days[1]) is (form != "hashed") or day == days[0] == days[1]


def pages() -> list[tuple[str, bytes]]:
    """Pages of every form and template that the replica has, its refused ones and its lists."""
    channel = MockSite(articles=60, since=date(2022, 1, 10), until=date(2026, 8, 1), rejected=2)
    with MockServer(channel) as replica:
        paths = [path for story in channel.listed_articles for path in story.paths]
        lists = ["/web/English/index.html", "/web/English/node_474.html", "/sitemap.xml"]
        return [(f"https://{SOURCE.host}{path}", replica.respond(path).body) for path in [*paths, *lists]]


def spoilt(rng: Random, body: bytes, other: bytes) -> bytes:
    """The page with one to four accidents."""
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


def test_a_spoilt_page_is_an_article_or_a_reject() -> None:
    rng, whole, outcomes = Random(11), pages(), Counter[str]()
    for number in range(PAGES):
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
    assert outcomes["article"] > PAGES / 4
    assert len(outcomes) > 5


def with_data(rng: Random, body: bytes) -> bytes:
    """The page with JSON-LD, meta tags, microdata and a By line of its own, each in one of many states."""
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


def test_a_spoilt_page_of_no_source_is_an_article_or_a_reject() -> None:
    rng, whole, outcomes = Random(13), pages(), Counter[str]()
    for number in range(PAGES // 10):
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
    assert outcomes["article"] > PAGES / 20


def test_a_page_that_is_not_spoilt_is_what_it_was() -> None:
    for url, body in pages()[:-3]:
        found = read(body, url)
        assert isinstance(found, Article) or found.reason in (Reason.SOFT_404, Reason.REMOVED_PAGE), url


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(["utf-8", None, "gbk", "utf-7", "idna", "rot13"]),
)
def test_anything_at_all_is_an_article_or_a_reject(body: bytes, charset: str | None) -> None:
    for page in (body, b"<html><body><h1>Title</h1><p>" + body + b"</p></body></html>"):
        for found in (read(page, ADDRESS, charset), read_any(page, ADDRESS, charset)):
            assert isinstance(found, Article) or found.reason is not Reason.PARSER_ERROR, found


@pytest.mark.parametrize("depth", [100, 1_000, 20_000])
def test_a_page_nested_too_deep_is_no_end(depth: int) -> None:
    body = b"<div>" * depth + b"text" + b"</div>" * depth
    for found in (read(body, ADDRESS), read_any(body, ADDRESS)):
        assert isinstance(found, Reject)
        assert found.reason is not Reason.PARSER_ERROR, found.message
