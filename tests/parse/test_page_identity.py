"""Tests of the URLs that a page states about itself, and of articles of several pages."""

from __future__ import annotations

import time

import pytest

from newsetl.parse.page_identity import find_canonical, find_first_page, find_stated_urls, has_next_page

SITE = "https://www.marshpost.example"
URL = f"{SITE}/news/eel-count"


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="/news/eel-count">',
        "<LINK href=https://www.marshpost.example/news/eel-count rel=canonical >",
        "<meta content='https://www.marshpost.example/news/eel-count' property='og:url'/>",
        '<script type="application/ld+json">{"url": "\\/news\\/eel-count"}</script>',
        '<script type="application/ld+json">{"mainEntityOfPage": {"@id": "/news/eel-count"}}</script>',
    ],
)
def test_a_page_states_its_url(head: str) -> None:
    assert find_stated_urls(f"<html><head>{head}</head>", URL) == (URL,)


def test_a_url_in_other_markup_is_not_stated() -> None:
    page = f'<a href="{URL}">Eels</a><script>{{"url": "{URL}"}}</script><link rel="alternate" href="{URL}">'
    assert find_stated_urls(page, URL) == ()
    assert find_canonical(page, URL) is None


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (f"{URL}?page=2", f'<link rel="canonical" href="{URL}">'),
        (f"{URL}/2", f'<link rel="canonical" href="{URL}/">'),
        (f"{URL}/page/3/", f'<link rel="prev" href="{URL}/page/2/">'),
        (f"{URL}?lang=en&page=2", f'<link rel="prev" href="{URL}?lang=en">'),
        (f"{URL}_2.html", f'<a class="nav" rel="prev" href="{URL}.html">Previous</a>'),
        (f"{URL}-3.shtml", f'<link rel="prev" href="{URL}-2.shtml">'),
    ],
)
def test_a_later_page_of_an_article_names_the_first(url: str, link: str) -> None:
    assert find_first_page(link, url) is not None


@pytest.mark.parametrize(
    ("url", "link"),
    [
        (URL, f'<link rel="canonical" href="{URL}">'),
        (f"{URL}?page=1", f'<link rel="canonical" href="{URL}">'),
        (f"{URL}?page=2", f'<link rel="canonical" href="{URL}?page=2">'),
        (f"{SITE}/?p=101", f'<link rel="canonical" href="{SITE}/?p=101">'),
        (f"{SITE}/news/top-10", f'<link rel="prev" href="{SITE}/news/top-9">'),
        (f"{SITE}/2026/03/04/12", f'<link rel="prev" href="{SITE}/2026/03/04/eel">'),
        (f"{SITE}/content_2.html", f'<link rel="canonical" href="{SITE}/content_2.html">'),
    ],
)
def test_other_pages_are_no_later_pages(url: str, link: str) -> None:
    assert find_first_page(link, url) is None


def test_the_first_page_has_a_next_page_of_the_same_article() -> None:
    assert has_next_page(f'<link rel="next" href="{URL}?page=2">', URL)
    assert has_next_page('<a rel="next" href="/news/eel-count/2">Next</a>', URL)
    assert not has_next_page(f'<link rel="next" title="Next post" href="{SITE}/news/heron-count">', URL)


@pytest.mark.parametrize(
    "part",
    [
        "<a rel=",
        "<link ",
        "<a ",
        '<meta og:url"',
        "<script ld+json>",
        "<script ld+json></script",
        "<a rel=prev ",
    ],
)
def test_a_hostile_page_takes_linear_time(part: str) -> None:
    started = time.process_time()
    page = part * (1_000_000 // len(part))
    find_stated_urls(page, URL), find_first_page(page, URL), has_next_page(page, URL)
    assert time.process_time() - started < 5
