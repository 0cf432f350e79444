"""Tests of indexes of web archives that are down, empty, or have malformed rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from newsetl import sources
from newsetl.discover import commoncrawl, wayback
from newsetl.errors import StageError
from newsetl.fetch.client import Client
from newsetl.model import Link, Window
from newsetl.reasons import Reason
from tests.support.page_factory import build_site_toml
from tests.support.stub_server import LocalSite, Response, Route, SiteHandler

WINDOW = Window(date(2026, 9, 1), date(2026, 9, 30))
TOML = """
[commoncrawl]
collinfo = "https://index.reedmail.example/collinfo.json"
files = "https://data.reedmail.example/"
min_delay = 1.0
max_crawls = 3
prefixes = ["www.reedmail.example/story/"]
[wayback]
cdx = "https://web.reedmail.example/cdx"
replay = "https://web.reedmail.example/web/"
min_delay = 3.0
prefixes = ["www.reedmail.example/story/"]
"""
Rows = list[dict[str, str]]


class AnyPath(dict[str, Route]):
    """Routes with one route for every path that is not listed."""

    def __init__(self, route: Route) -> None:
        super().__init__()
        self.route = route

    def get(self, key: str, _: object = None) -> Any:
        return super().get(key, self.route)


def ask(method: Any, get_body: Callable[[SiteHandler], Response]) -> tuple[list[Link], list[StageError]]:
    """Return the links and errors of a method whose archive sends `get_body(handler)`."""
    with LocalSite({}) as site:

        def send(handler: SiteHandler) -> None:
            status, headers, body = get_body(handler)
            body = body.replace(b"https://www.reedmail.example", site.base_url.encode())
            handler.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body)

        site.routes = AnyPath(send)
        site.routes["/robots.txt"] = (404, {}, b"")
        source = sources.parse_toml(
            build_site_toml("reedmail", "^/story/[^/]+$", TOML), file="reedmail.toml"
        ).with_base_url(site.base_url)
        errors: list[StageError] = []
        with Client(source, contact="t@example.org", store=lambda capture: capture) as client:
            links = list(method(source, client, WINDOW, lambda _, error: errors.append(error)))
    return links, errors


def build_rows(count: int = 3) -> Rows:
    return [
        {
            "timestamp": f"2026091210000{number}",
            "url": f"https://www.reedmail.example/story/otter-{number}",
            "digest": f"D{number}",
            "filename": "crawl/a.warc.gz",
            "offset": str(number * 100),
            "length": "100",
        }
        for number in range(count)
    ]


def ask_commoncrawl(
    rows: Rows | bytes, *, crawls: int = 1, status: int = 200, pages: bytes = b'{"pages": 1}'
) -> tuple[list[Link], list[StageError]]:
    def get_body(handler: SiteHandler) -> Response:
        path = handler.path
        if path.endswith("collinfo.json"):
            crawl = {"cdx-api": f"http://{handler.headers['Host']}/CC-index", "to": "2026-09-20T00:00:00"}
            return 200, {}, json.dumps([crawl] * crawls).encode()
        if status == 200 and "showNumPages" in path:
            return 200, {}, pages
        body = rows if isinstance(rows, bytes) else "\n".join(map(json.dumps, rows)).encode()
        return status, {}, body

    return ask(commoncrawl.find_links, get_body)


def test_an_empty_list_of_crawls_is_a_failed_query() -> None:
    links, errors = ask_commoncrawl(build_rows(), crawls=0)
    assert links == []
    assert [error.reason for error in errors] == [Reason.EMPTY_BODY]


def test_a_404_means_no_captures_only_if_it_says_so() -> None:
    assert ask_commoncrawl(b'{"message": "No Captures found for: x"}', status=404) == ([], [])
    for body in (b"<html><h1>404 Not Found</h1><hr>nginx</html>", b"", b"{}"):
        links, errors = ask_commoncrawl(body, status=404)
        assert (links, [error.reason for error in errors]) == ([], [Reason.HTTP_STATUS])


@pytest.mark.parametrize(
    "change",
    [{"timestamp": "20260900101112"}, {"timestamp": None}, {"offset": "x"}, {"length": None}, {"url": None}],
)
def test_a_malformed_row_costs_that_row(change: dict[str, str | None]) -> None:
    rows = build_rows()
    rows[1] = {name: value for name, value in (rows[1] | change).items() if value is not None}  # type: ignore
    links, errors = ask_commoncrawl(rows)
    assert [link.url[-1] for link in links] == ["0", "2"]
    assert [error.reason for error in errors] == [Reason.UNDECODABLE]
    assert "1 of 3 rows" in str(errors[0])


def test_a_row_without_a_digest_is_a_row() -> None:
    rows = build_rows()
    del rows[1]["digest"]
    links, errors = ask_commoncrawl(rows)
    assert ([link.url[-1] for link in links], errors) == (["0", "1", "2"], [])


def test_a_page_without_any_row_is_no_index_page() -> None:
    links, errors = ask_commoncrawl(b"<html>maintenance</html>")
    assert (links, [error.reason for error in errors]) == ([], [Reason.UNKNOWN_LAYOUT])


def test_a_malformed_wayback_row_costs_that_row_and_the_resume_key_goes_on() -> None:
    header = ["timestamp", "original", "digest"]
    rows = [[row["timestamp"], row["url"], row["digest"]] for row in build_rows(5)]
    rows[1][0] = "20260900101112"
    rows[2] = rows[2][:2]

    def get_body(handler: SiteHandler) -> Response:
        path = handler.path
        page = rows[4:] if "resumeKey=next" in path else [*rows[:4], [], ["next"]]
        return 200, {}, json.dumps([header, *page]).encode()

    links, errors = ask(wayback.find_links, get_body)
    assert [link.url[-1] for link in links] == ["0", "3", "4"]
    assert [error.reason for error in errors] == [Reason.UNDECODABLE]
    assert "2 of 4 rows" in str(errors[0])
