"""Canonical URLs, URL forms, and dates and folders in URLs."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsetl import sources
from newsetl.sources import urls

SOURCE = sources.load("stdaily")
HASH = "029d273cae9a4fcba58a0c5f11870da7"
WEB = "https://www.stdaily.com/web/English/2024-06/18/content_1964339.html"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (WEB, WEB),
        ("http://stdaily.com/web/English/2024-06/18/content_1964339.html", WEB),
        ("HTTP://M.STDAILY.COM:80/web/English/2024-06/18/content_1964339.html?spm=zm&id=4#top", WEB),
        ("//www.stdaily.com./web//English/./x/../2024-06/18/content_1964339.html?", WEB),
        ("/web/English/2024-06/18/content_1964339.html", WEB),
        ("../../../../web/English/2024-06/18/content_1964339.html", WEB),
        (" \n/web/English/2024%2D06/18/content_1964339.html\t", WEB),
        ("https://user:secret@www.stdaily.com:443\\web\\English\\2024-06\\18\\content_1964339.html", WEB),
        # Not an article: the query may select the page.
        ("?page=2&utm_source=x&from=y", "https://www.stdaily.com/web/English/index.html?page=2"),
        # Other hosts are unchanged.
        ("http://Example.ORG:8080/A%7eb%2fc?q=1&fbclid=2#f", "http://example.org:8080/A~b%2Fc?q=1"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org/100% sure/é", "https://example.org/100%25%20sure/%C3%A9"),
        ("https://www.stdaily.com:8443/", "https://www.stdaily.com:8443/"),
        ("http://[::1]:80/a/../../b/", "http://[::1]/b/"),
    ],
)
def test_canonical_urls(url: str, expected: str) -> None:
    assert urls.canonicalise(SOURCE, url, base=SOURCE.home) == expected


@pytest.mark.parametrize(
    "url", ["mailto:a@b.c", "javascript:void(0)", "http://[bad/", "http://a:99999/", "http://", "ftp://a/b"]
)
def test_a_text_that_is_no_http_url_is_unchanged_and_no_article(url: str) -> None:
    assert urls.canonicalise(SOURCE, f" {url}", base=SOURCE.home) == url
    assert not urls.is_article(SOURCE, url)
    assert urls.match_form(SOURCE, url) is None
    assert urls.get_days(SOURCE, url) is None


URL_PARTS = st.sampled_from(
    [
        *(
            "http:",
            "https:",
            "//",
            "/",
            "..",
            ".",
            "?",
            "&",
            "=",
            "#",
            "%",
            "%2",
            "%25",
            "%2e",
            "%2F",
            "%zz",
            "\\",
            ";",
        ),
        *(
            "www.stdaily.com",
            "m.stdaily.com",
            "STDAILY.com",
            "example.org",
            ":80",
            ":443",
            ":x",
            "@",
            "[::1]",
            " ",
            "\n",
        ),
        *(
            "web/English/2024-06/18/content_1.html",
            "English/News/202206/" + "a" * 32 + ".shtml",
            "é",
            "新",
            "\ud800",
        ),
        *(
            "utm_source=a",
            "spm=1",
            "from",
            "share=2",
            "page=3",
            "+",
            "%e4%b8%ad",
            "\x00",
            "\xa0",
            "index.html",
        ),
    ]
)


@given(st.lists(URL_PARTS | st.text(max_size=4), max_size=14).map("".join), st.booleans())
@example("http://a/%%32%35", False)
@example("//a:99999/", True)
def test_canonical_is_idempotent_and_never_raises(url: str, is_relative: bool) -> None:
    canonical = urls.canonicalise(SOURCE, url, base=SOURCE.home if is_relative else None)
    assert urls.canonicalise(SOURCE, canonical) == canonical
    assert urls.canonicalise(SOURCE, canonical, base=SOURCE.home) == canonical or not canonical.startswith(
        ("http://", "https://")
    )
    if urls.is_article(SOURCE, canonical):
        assert canonical.startswith("https://www.stdaily.com/")
        assert "?" not in canonical
        assert urls.match_form(SOURCE, canonical)
    urls.get_days(SOURCE, canonical)


@given(st.lists(URL_PARTS, max_size=10).map("".join))
@example("web/English/2024-06/18/content_1.html;")
@example("web/English/2024-06/18/content_1.html;;")
def test_form_and_days_equal_those_of_the_canonical_url(tail: str) -> None:
    url = f"http://stdaily.com/{tail}"
    canonical = urls.canonicalise(SOURCE, url)
    assert urls.match_form(SOURCE, url) == urls.match_form(SOURCE, canonical)
    assert urls.get_days(SOURCE, url) == urls.get_days(SOURCE, canonical)
    assert urls.is_article(SOURCE, url) == urls.is_article(SOURCE, canonical)


@pytest.mark.parametrize(
    ("path", "form", "folder", "days"),
    [
        ("/web/English/2026-08/22/content_567828.html", "web", None, (date(2026, 8, 22), date(2026, 8, 22))),
        (
            f"/English/ChinaNews/202402/{HASH}.shtml",
            "hashed",
            "ChinaNews",
            (date(2024, 2, 1), date(2024, 2, 29)),
        ),
        ("/English/Service/2021-12/16/content_1239506.shtml", "dated", "Service", (date(2021, 12, 16),) * 2),
        (f"/English/ChinaNews/202413/{HASH}.shtml", "hashed", "ChinaNews", None),
        ("/web/English/2026-02/30/content_1.html", "web", None, None),
        ("/web/English/0000-01/01/content_1.html", "web", None, None),
        ("/web/gdxw/2026-09/19/content_584227.html", None, None, None),
        ("/web/English/node_474.html", None, None, None),
    ],
)
def test_form_folder_and_days_of_a_url(
    path: str, form: str | None, folder: str | None, days: tuple[date, date] | None
) -> None:
    for base in (SOURCE.home, "http://m.stdaily.com/", "http://mirror.example/"):
        url = urls.canonicalise(SOURCE, path, base=base)
        match = urls.match_form(SOURCE, url)
        assert (match.name if match else None) == form
        assert urls.get_folder(SOURCE, url) == folder
        assert urls.get_days(SOURCE, url) == days
        assert urls.is_article(SOURCE, url) == (form is not None and "mirror" not in base)


def test_a_source_with_a_base_url_has_that_host() -> None:
    moved = SOURCE.with_base_url("http://127.0.0.1:8123")
    path = "/web/English/2024-06/18/content_1964339.html"
    expected = f"http://127.0.0.1:8123{path}"
    assert urls.canonicalise(moved, f"http://localhost:8123{path}?from=x") == expected
    assert urls.is_article(moved, expected)
    assert not urls.is_article(moved, WEB)
