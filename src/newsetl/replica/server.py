"""The replica's HTTP server: HTTP/1.1 on 127.0.0.1, one thread a connection, all joined at the end."""

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
# One grey dot: browsers scale it, nobody else looks.
DOT = base64.b64decode("R0lGODlhAQABAIAAAMLCwgAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==")


# Answers one request in its own way; the Answer is what it would have been.
Fault = Callable[["Handler", MockResponse], None]


class _InjectedFault:
    """A fault at the paths that fit, so many times (None: until it is mended)."""

    def __init__(self, fault: Fault, at: re.Pattern[str], times: int | None) -> None:
        self.fault, self.at, self.times = fault, at, times


class MockServer:
    """Serves a channel while the with block lasts. `requests` holds (method, path), in order.

    Beside it stand its search service and two web archives, `wayback` and `commoncrawl`, which hold what
    they are told to keep.

    With a `layout` the stories stand on a site that is built otherwise.

    It can be told to `commit` the faults of `newsetl.replica.faults`, until it is told to `mend` them.
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
        """Answer paths that fit the pattern `at` with the fault, the next so many times; the first wins."""
        with self._lock:
            self._faults.append(_InjectedFault(fault, re.compile(at), times))

    def clear_faults(self) -> None:
        """Commit no more faults."""
        with self._lock:
            self._faults.clear()

    def take_fault(self, path: str) -> Fault | None:
        """The fault to commit now, which is counted."""
        with self._lock:
            for trouble in self._faults:
                if trouble.times != 0 and trouble.at.fullmatch(path):
                    trouble.times = trouble.times and trouble.times - 1
                    return trouble.fault
        return None

    def respond(self, path: str) -> MockResponse:
        """What a GET of the path brings."""
        if self.layout:
            return other_sites.build_response(self.layout, self.site, self.base_url, path) or NOT_FOUND
        if story := self.site.get_article(path):
            return self._page(story, path)
        if document := self._document(path):
            return document
        if PICTURE.fullmatch(path):
            return MockResponse(DOT, "image/gif")
        if path.startswith(("/English/", "/web/English/")):
            return MockResponse(article_pages.render_soft_404())
        return NOT_FOUND

    def respond_as_archive(self, target: str, headers: Message) -> MockResponse | None:
        """What a web archive answers; None for what is none's."""
        return wayback.build_response(self.wayback, target) or commoncrawl.build_response(
            self.commoncrawl, target, headers
        )

    def respond_to_search(self, form: dict[str, str]) -> MockResponse:
        """What the search service answers; 400 for a form that it cannot read."""
        try:
            body = listings.render_search(self.site, form, self.base_url)
        except ValueError as error:
            return MockResponse(f"{error}\n".encode(), TEXT, HTTPStatus.BAD_REQUEST)
        return MockResponse(body.encode(), JSON)

    def _document(self, path: str) -> MockResponse | None:
        """What has one fixed address, or a listing."""
        channel, base = self.site, self.base_url
        match path:
            case "/sitemap.xml":
                return _build_tagged(listings.render_sitemap(channel, base), "application/xml; charset=utf-8")
            case "/news-sitemap.xml":
                return _build_tagged(
                    feeds.render_news_sitemap(channel, base), "application/xml; charset=utf-8"
                )
            case "/rss.xml":
                return _build_tagged(feeds.render_rss(channel, base), "application/rss+xml; charset=utf-8")
            case "/atom.xml":
                return _build_tagged(feeds.render_atom(channel, base), "application/atom+xml; charset=utf-8")
            case "/robots.txt":
                return MockResponse(listings.render_robots(base).encode(), TEXT)
            case "/web/English/index.html" | "/English/index.shtml":
                page: str | None = listings.render_index(channel, base)
            case "/founder/NewSearchServlet.do":
                page = article_pages.render_frame("Search", article_pages.render_navigation())
            case _:
                page = self._listing(path)
        return _build_tagged(page) if page else None

    def _listing(self, path: str) -> str | None:
        if (node := NODE.fullmatch(path)) and (section := listings.find_section(node[1])):
            return (
                None
                if node[2] == "1"
                else listings.render_listing(self.site, section, int(node[2] or 1), self.base_url)
            )
        if (old := OLD_LISTING.fullmatch(path)) and (section := listings.find_section(old[1])):
            return listings.render_old_listing(self.site, section, self.base_url)
        return None

    def _page(self, story: MockArticle, path: str) -> MockResponse:
        if story.rejected is Reason.SOFT_404:
            return MockResponse(article_pages.render_soft_404())
        if story.rejected:
            return MockResponse(article_pages.render_removed())
        top = self.site.list_newest(12)
        readable = [item for item in top if not item.rejected]
        is_relaid = self.site.has_new_layout(story)
        body = article_pages.render_article(
            story,
            path,
            self.base_url,
            readable,
            next(self._variants),
            self.site.unlisted_articles,
            has_new_layout=is_relaid,
        )
        # A weak tag: it stands for the article, not for the Top News of the moment.
        tag = _digest(f"{story} {path}{' relaid' if is_relaid else ''}")
        modified_at = (story.published_at + timedelta(minutes=story.revision)).astimezone(UTC)
        return MockResponse(body.encode(), etag=f'W/"{tag}"', modified_at=modified_at)


def _build_tagged(page: str, kind: str = HTML) -> MockResponse:
    return MockResponse(page.encode(), kind, etag=f'"{_digest(page)}"')


def _digest(text: str) -> str:
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
        """End the connections that clients keep alive; their threads would wait for the next request."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # the client was quicker
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that goes away in the middle is no fault of the channel.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Replica"
    wbufsize = -1  # head and body leave in one packet
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        replica = self._record_request()
        answer = replica.respond_as_archive(self.path, self.headers) or replica.respond(path)
        if fault := replica.take_fault(path):
            fault(self, answer)
        else:
            self.send_mock_response(answer)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        replica, path = self._record_request(), self.path.partition("?")[0]
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        answer = replica.respond_to_search(form) if path == "/xy/Search.do" else NOT_FOUND
        if fault := replica.take_fault(path):
            fault(self, answer)
        else:
            self.send_mock_response(answer)

    def log_message(self, *args: object) -> None:
        """Nothing: `requests` is the log."""

    def _record_request(self) -> MockServer:
        self.server.mock.requests.append((self.command, self.path))
        return self.server.mock

    def send_mock_response(self, answer: MockResponse) -> None:
        """The answer as it is, or that the client has it already."""
        is_known = self._is_known(answer)
        self.send_response(HTTPStatus.NOT_MODIFIED if is_known else answer.status)
        if answer.etag:
            self.send_header("ETag", answer.etag)
        if answer.modified_at:
            self.send_header("Last-Modified", format_datetime(answer.modified_at, usegmt=True))
            self.send_header("Cache-Control", "max-age=60")
        if not is_known:
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        if not is_known and self.command != "HEAD":
            self.wfile.write(answer.body)

    def _is_known(self, answer: MockResponse) -> bool:
        """True if the client's copy is still good; a tag, when sent, decides alone (RFC 9110, 13.2.2)."""
        if answer.etag is None:
            return False
        if (tags := self.headers.get("If-None-Match")) is not None:
            return answer.etag.removeprefix("W/") in {
                tag.strip().removeprefix("W/") for tag in tags.split(",")
            }
        if answer.modified_at is None:
            return False
        try:
            return answer.modified_at <= parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except (TypeError, ValueError):
            return False
