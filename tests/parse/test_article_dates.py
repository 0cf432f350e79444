"""Dates of any page: order of day and month, publication and change, and the publisher's time zone."""

from __future__ import annotations

import pytest

from newsetl.model import Article
from newsetl.normalise.article_json import format_published
from newsetl.parse.generic.date import find_url_date
from newsetl.pipeline import parse_page
from newsetl.sources.generic import build_generic_source
from tests.support.page_factory import build_capture

URL = "https://news.example/harbour/lantern-walk"
HEAD = "Lantern Walk Returns to the Old Quay"
PROSE = "".join(
    f"<p>{part}</p>"
    for part in (
        "The lantern walk returns to the old quay in May, after two years in which the sea wall was mended.",
        "Forty families will carry paper lanterns from the fish market to the tower and back along the mole.",
    )
)


def parse(line: str, head: str = "", *, lang: str = "en", url: str = URL) -> Article:
    html = (
        f'<html lang="{lang}"><head><title>{HEAD} | Quay Gazette</title>{head}</head>'
        f"<body><main><article><h1>{HEAD}</h1>{line}{PROSE}</article></main></body></html>"
    )
    article = parse_page.parse_page(build_capture(html, url), build_generic_source(url))
    assert isinstance(article, Article)
    return article


def parse_date(line: str, head: str = "", *, lang: str = "en", url: str = URL) -> str | None:
    return format_published(parse(line, head, lang=lang, url=url), build_generic_source(url))


@pytest.mark.parametrize(
    ("lang", "head", "url", "date"),
    [
        ("en-GB", "", URL, "2026-05-04"),
        ("en-AU", "", URL, "2026-05-04"),
        ("en_IN", "", URL, "2026-05-04"),
        ("fr", "", URL, "2026-05-04"),
        ("en", '<meta property="og:locale" content="en_GB">', URL, "2026-05-04"),
        ("en", '<meta http-equiv="content-language" content="en-NZ">', URL, "2026-05-04"),
        ("en", "", "https://www.quay.co.uk/harbour/lantern-walk", "2026-05-04"),
        ("en-US", "", "https://www.quay.com.au/harbour/lantern-walk", "2026-05-04"),
        ("", "", "https://www.quay.in/harbour/lantern-walk", "2026-05-04"),
        # The date in the URL decides.
        ("en-US", "", "https://news.example/2026/05/04/lantern-walk", "2026-05-04"),
        ("en-US", "", URL, "2026-04-05"),
        ("en-CA", "", URL, "2026-04-05"),
        ("en", "", "https://quay.tv/harbour/lantern-walk", "2026-04-05"),
        ("en", "", URL, "2026-04-05"),
    ],
)
def test_order_of_day_and_month(lang: str, head: str, url: str, date: str) -> None:
    assert parse_date('<p class="date">Published: 04/05/2026</p>', head, lang=lang, url=url) == date


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("04/05/2026 14:30", "2026-05-04T14:30:00"),
        ("Published: 04/05/2026, 2:30 pm", "2026-05-04T14:30:00"),
        ("14:30, 04/05/2026", "2026-05-04T14:30:00"),
        ("04-05-26 14:30 GMT+1", "2026-05-04T14:30:00+01:00"),
    ],
)
def test_numeric_date_keeps_its_time(line: str, date: str) -> None:
    assert parse_date(f'<p class="date">{line}</p>', lang="en-GB") == date


@pytest.mark.parametrize(
    "line",
    [
        '<p class="date">Updated 5 March 2026, 10:15, first published 4 March 2026, 08:15</p>',
        '<p class="date">Updated 10:15, 5 March 2026; first published 08:15, 4 March 2026</p>',
        '<p class="date">Updated March 5, 2026 10:15 a.m. | Posted March 4, 2026 8:15 a.m.</p>',
        '<p class="date">Modified: 03/05/2026 10:15, published: 03/04/2026 08:15</p>',
        '<p class="date">Published 4 March 2026 08:15, updated 5 March 2026 10:15</p>',
    ],
)
def test_line_with_a_change_and_the_publication(line: str) -> None:
    article = parse(line)
    assert article.published_at is not None
    assert f"{article.published_at:%Y-%m-%dT%H:%M}" == "2026-03-04T08:15"
    assert "date_kind" not in article.found


def test_date_of_a_change_has_a_sign() -> None:
    article = parse('<p class="date">Updated 5 March 2026</p>')
    assert article.found["published_at"] == "date line of a change"
    assert article.found["date_kind"] == "changed"


def test_time_of_a_change_is_not_the_time_of_publication() -> None:
    head = '<meta property="article:published_time" content="2026-03-05">'
    assert parse_date("<p class='date'>Updated 5 March 2026 22:46</p>", head) == "2026-03-05"


OLD = "2024-02-01"
ANEW = '<p class="date">Updated 19 March 2026</p>'


@pytest.mark.parametrize(
    ("head", "line", "found"),
    [
        (
            f'<meta property="article:published_time" content="{OLD}">',
            ANEW,
            "date line of a change (meta: 2024-02-01)",
        ),
        (
            f'<meta itemprop="datePublished" content="{OLD}T10:00:00Z">',
            ANEW,
            "date line of a change (meta: 2024-02-01)",
        ),
        (
            "",
            f'<span itemprop="datePublished" content="{OLD}"></span>{ANEW}',
            "date line of a change (microdata: 2024-02-01)",
        ),
    ],
)
def test_page_issued_anew(head: str, line: str, found: str) -> None:
    article = parse(line, head)
    assert article.published_at is not None
    assert f"{article.published_at:%Y-%m-%d}" == "2026-03-19"
    assert article.found["published_at"] == found
    assert article.found["date_kind"] == "changed"


@pytest.mark.parametrize(
    ("head", "line"),
    [
        # The publishing system wrote the time by itself.
        (f'<meta property="article:published_time" content="{OLD}T10:00:00+00:00">', ANEW),
        # The page shows its first day too.
        ("", f'<time itemprop="datePublished" datetime="{OLD}">1 February 2024</time>{ANEW}'),
        # Less than a month later.
        ('<meta property="article:published_time" content="2026-03-01">', ANEW),
    ],
)
def test_page_with_a_change_is_not_issued_anew(head: str, line: str) -> None:
    date = parse_date(line, head)
    assert date is not None
    assert date[:10] in (OLD, "2026-03-01")


UTC_META = '<meta property="article:published_time" content="2026-03-06T02:25:54+00:00">'


@pytest.mark.parametrize(
    ("head", "line", "url", "date"),
    [
        ("", "<p class='date'>March 5, 2026 at 9:25 p.m.</p>", URL, "2026-03-05T21:25:54-05:00"),
        ("", "<p class='date'>March 5, 2026 8:25 PM CST</p>", URL, "2026-03-05T20:25:54-06:00"),
        ('<script>x={"at":"2026-03-05T21:25:54-05:00"}</script>', "", URL, "2026-03-05T21:25:54-05:00"),
        ("", "<p class='date'>6 March 2026 07:55</p>", URL, "2026-03-06T07:55:54+05:30"),
        # Only the local day is known.
        ("", "<p class='date'>March 5, 2026</p>", URL, "2026-03-05"),
        ("", "", "https://news.example/2026/03/05/lantern-walk", "2026-03-05"),
        # Another event, and a day that no zone has at that moment.
        ("", "<p class='date'>March 5, 2026 at 9:31 p.m.</p>", URL, "2026-03-06T02:25:54+00:00"),
        ("", "<p class='date'>March 7, 2026</p>", URL, "2026-03-06T02:25:54+00:00"),
        ("", "", "https://news.example/2026/03/06/lantern-walk", "2026-03-06T02:25:54+00:00"),
    ],
)
def test_utc_time_and_the_shown_local_day(head: str, line: str, url: str, date: str) -> None:
    assert parse_date(line, UTC_META + head, url=url) == date


@pytest.mark.parametrize(
    ("path", "date"),
    [
        ("journal/2026/03/92713", "2026-03"),
        ("news/2026/3/7/walk", "2026-03-07"),
        ("a/202603/t20260307_12345.html", "2026-03-07"),
        ("2026-03/07/content_1.htm", "2026-03-07"),
        ("2026/mar/07/walk", "2026-03-07"),
        ("2026/03/walk-of-2025-12-31", "2026-03"),
        ("news/20261345/walk", ""),
    ],
)
def test_date_in_the_url(path: str, date: str) -> None:
    assert find_url_date(f"https://news.example/{path}") == date
