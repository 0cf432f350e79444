"""HTTP server of the mock site: HTTP/1.1 on 127.0.0.1, one thread per connection."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, timedelta
from email.message import Message
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl

from newsetl.reasons import Reason
from newsetl.replica import article_pages, commoncrawl, feeds, listings, other_sites, wayback
from newsetl.replica.archive_captures import MockArchive
from newsetl.replica.channel import MockSite
from newsetl.replica.response import HTML, JSON, NOT_FOUND, TEXT, MockResponse
from newsetl.replica.story import MockArticle

NODE = re.compile(r"/web/English/node_(\d+)(?:_(\d+))?\.html")
OLD_LISTING = re.compile(r"/English/(\w+)/common_list\.shtml")
PICTURE = re.compile(r"/(?:web/)?English/pic/.+\.jpg")
# One grey pixel, which browsers scale.
DOT = base64.b64decode("R0lGODlhAQABAIAAAMLCwgAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==")


# Handles one request; the MockResponse is the one without the fault.
Fault = Callable[["Handler", MockResponse], None]


class _InjectedFault:
    """Fault at the matching paths, `times` times (None: until it is cleared)."""

    def __init__(self, fault: Fault, at: re.Pattern[str], times: int | None) -> None:
        self.fault, self.at, self.times = fault, at, times


class MockServer:
    """HTTP server of a mock site for the duration of a with block.

    It also serves the site's search service and two web archives, `wayback` and `commoncrawl`, with the
    captures added to them. With a `layout` it serves the articles in one of `newsetl.replica.other_sites`.
    `requests` has (method, path) per request, in order. `inject` adds faults of `newsetl.replica.faults`.
    """

    def __init__(self, site: MockSite, *, port: int = 0, layout: other_sites.Layout | None = None) -> None:
        self.site, self.layout = site, layout
        self.requests: list[tuple[str, str]] = []
        self._variants = count()
        self._faults: list[_InjectedFault] = []
        self._lock = threading.Lock()
        self._server = _Server(self, port)
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.wayback, self.commoncrawl = MockArchive(site, self.base_url), MockArchive(site, self.base_url)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="replica")

    def __enter__(self) -> MockServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.close_connections()
        self._server.server_close()

    def inject(self, fault: Fault, *, at: str = ".*", times: int | None = None) -> None:
        """Inject the fault at paths that match the pattern `at`, `times` times; the first match wins."""
        with self._lock:
            self._faults.append(_InjectedFault(fault, re.compile(at), times))

    def clear_faults(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()

    def take_fault(self, path: str) -> Fault | None:
        """Return the fault for a request of the path, and count it."""
        with self._lock:
            for injected in self._faults:
                if injected.times != 0 and injected.at.fullmatch(path):
                    injected.times = injected.times and injected.times - 1
                    return injected.fault
        return None

    def respond(self, path: str) -> MockResponse:
        """Return the response to a GET of the path."""
        if self.layout:
            return other_sites.build_response(self.layout, self.site, self.base_url, path) or NOT_FOUND
        if article := self.site.get_article(path):
            return self._build_page(article, path)
        if document := self._build_document(path):
            return document
        if PICTURE.fullmatch(path):
            return MockResponse(DOT, "image/gif")
        if path.startswith(("/English/", "/web/English/")):
            return MockResponse(article_pages.render_soft_404())
        return NOT_FOUND

    def respond_as_archive(self, target: str, headers: Message) -> MockResponse | None:
        """Return a web archive's response, or None for another path."""
        return wayback.build_response(self.wayback, target) or commoncrawl.build_response(
            self.commoncrawl, target, headers
        )

    def respond_to_search(self, form: dict[str, str]) -> MockResponse:
        """Return the search service's response, with status 400 for an invalid form."""
        try:
            body = listings.render_search(self.site, form, self.base_url)
        except ValueError as error:
            return MockResponse(f"{error}\n".encode(), TEXT, HTTPStatus.BAD_REQUEST)
        return MockResponse(body.encode(), JSON)

    def _build_document(self, path: str) -> MockResponse | None:
        """Return the document with a fixed path, or a listing."""
        site, base = self.site, self.base_url
        match path:
            case "/sitemap.xml":
                return _build_tagged(listings.render_sitemap(site, base), "application/xml; charset=utf-8")
            case "/news-sitemap.xml":
                return _build_tagged(feeds.render_news_sitemap(site, base), "application/xml; charset=utf-8")
            case "/rss.xml":
                return _build_tagged(feeds.render_rss(site, base), "application/rss+xml; charset=utf-8")
            case "/atom.xml":
                return _build_tagged(feeds.render_atom(site, base), "application/atom+xml; charset=utf-8")
            case "/robots.txt":
                return MockResponse(listings.render_robots(base).encode(), TEXT)
            case "/web/English/index.html" | "/English/index.shtml":
                page: str | None = listings.render_index(site, base)
            case "/founder/NewSearchServlet.do":
                page = article_pages.render_frame("Search", article_pages.render_navigation())
            case _:
                page = self._render_listing(path)
        return _build_tagged(page) if page else None

    def _render_listing(self, path: str) -> str | None:
        if (node := NODE.fullmatch(path)) and (section := listings.find_section(node[1])):
            return (
                None
                if node[2] == "1"
                else listings.render_listing(self.site, section, int(node[2] or 1), self.base_url)
            )
        if (old := OLD_LISTING.fullmatch(path)) and (section := listings.find_section(old[1])):
            return listings.render_old_listing(self.site, section, self.base_url)
        return None

    def _build_page(self, article: MockArticle, path: str) -> MockResponse:
        if article.reject_reason is Reason.SOFT_404:
            return MockResponse(article_pages.render_soft_404())
        if article.reject_reason:
            return MockResponse(article_pages.render_removed())
        top = self.site.list_newest(12)
        readable = [item for item in top if not item.reject_reason]
        is_new_layout = self.site.has_new_layout(article)
        body = article_pages.render_article(
            article,
            path,
            self.base_url,
            readable,
            next(self._variants),
            self.site.unlisted_articles,
            has_new_layout=is_new_layout,
        )
        # A weak ETag: it identifies the article without the changing Top News.
        tag = _compute_digest(f"{article} {path}{' relaid' if is_new_layout else ''}")
        modified_at = (article.published_at + timedelta(minutes=article.revision)).astimezone(UTC)
        return MockResponse(body.encode(), etag=f'W/"{tag}"', modified_at=modified_at)


def _build_tagged(page: str, kind: str = HTML) -> MockResponse:
    return MockResponse(page.encode(), kind, etag=f'"{_compute_digest(page)}"')


def _compute_digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, mock: MockServer, port: int) -> None:
        self.mock = mock
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Close the connections that clients keep alive; their threads would wait for the next request."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # the client has closed it already
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that disconnects is no error of the mock site.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Replica"
    wbufsize = -1  # head and body in one packet
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        mock = self._record_request()
        response = mock.respond_as_archive(self.path, self.headers) or mock.respond(path)
        if fault := mock.take_fault(path):
            fault(self, response)
        else:
            self.send_mock_response(response)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mock, path = self._record_request(), self.path.partition("?")[0]
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        response = mock.respond_to_search(form) if path == "/xy/Search.do" else NOT_FOUND
        if fault := mock.take_fault(path):
            fault(self, response)
        else:
            self.send_mock_response(response)

    def log_message(self, *args: object) -> None:
        """Log nothing: `requests` is the log."""

    def _record_request(self) -> MockServer:
        self.server.mock.requests.append((self.command, self.path))
        return self.server.mock

    def send_mock_response(self, response: MockResponse) -> None:
        """Send the response, or status 304 if the client's copy is current."""
        is_current = self._is_current(response)
        self.send_response(HTTPStatus.NOT_MODIFIED if is_current else response.status)
        if response.etag:
            self.send_header("ETag", response.etag)
        if response.modified_at:
            self.send_header("Last-Modified", format_datetime(response.modified_at, usegmt=True))
            self.send_header("Cache-Control", "max-age=60")
        if not is_current:
            self.send_header("Content-Type", response.kind)
            self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers:
            self.send_header(name, value)
        self.end_headers()
        if not is_current and self.command != "HEAD":
            self.wfile.write(response.body)

    def _is_current(self, response: MockResponse) -> bool:
        """Return True if the client's copy is current; an ETag has priority (RFC 9110, 13.2.2)."""
        if response.etag is None:
            return False
        if (tags := self.headers.get("If-None-Match")) is not None:
            return response.etag.removeprefix("W/") in {
                tag.strip().removeprefix("W/") for tag in tags.split(",")
            }
        if response.modified_at is None:
            return False
        try:
            return response.modified_at <= parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except (TypeError, ValueError):
            return False
