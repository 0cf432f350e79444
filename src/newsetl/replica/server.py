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
from newsetl.replica.archive_captures import Holding
from newsetl.replica.channel import Channel
from newsetl.replica.response import HTML, JSON, NOT_FOUND, TEXT, Answer
from newsetl.replica.story import Story

NODE = re.compile(r"/web/English/node_(\d+)(?:_(\d+))?\.html")
OLD_LISTING = re.compile(r"/English/(\w+)/common_list\.shtml")
PICTURE = re.compile(r"/(?:web/)?English/pic/.+\.jpg")
# One grey dot: browsers scale it, nobody else looks.
DOT = base64.b64decode("R0lGODlhAQABAIAAAMLCwgAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==")


# Answers one request in its own way; the Answer is what it would have been.
Fault = Callable[["Handler", Answer], None]


class _Trouble:
    """A fault at the paths that fit, so many times (None: until it is mended)."""

    def __init__(self, fault: Fault, at: re.Pattern[str], times: int | None) -> None:
        self.fault, self.at, self.times = fault, at, times


class Replica:
    """Serves a channel while the with block lasts. `requests` holds (method, path), in order.

    Beside it stand its search service and two web archives, `wayback` and `commoncrawl`, which hold what
    they are told to keep.

    With a `layout` the stories stand on a site that is built otherwise.

    It can be told to `commit` the faults of `newsetl.replica.faults`, until it is told to `mend` them.
    """

    def __init__(self, channel: Channel, *, port: int = 0, layout: other_sites.Layout | None = None) -> None:
        self.channel, self.layout = channel, layout
        self.requests: list[tuple[str, str]] = []
        self._turns = count()
        self._troubles: list[_Trouble] = []
        self._lock = threading.Lock()
        self._server = _Server(self, port)
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.wayback, self.commoncrawl = Holding(channel, self.base), Holding(channel, self.base)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="replica")

    def __enter__(self) -> Replica:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    def commit(self, fault: Fault, *, at: str = ".*", times: int | None = None) -> None:
        """Answer paths that fit the pattern `at` with the fault, the next so many times; the first wins."""
        with self._lock:
            self._troubles.append(_Trouble(fault, re.compile(at), times))

    def mend(self) -> None:
        """Commit no more faults."""
        with self._lock:
            self._troubles.clear()

    def fault_at(self, path: str) -> Fault | None:
        """The fault to commit now, which is counted."""
        with self._lock:
            for trouble in self._troubles:
                if trouble.times != 0 and trouble.at.fullmatch(path):
                    trouble.times = trouble.times and trouble.times - 1
                    return trouble.fault
        return None

    def answer(self, path: str) -> Answer:
        """What a GET of the path brings."""
        if self.layout:
            return other_sites.answer(self.layout, self.channel, self.base, path) or NOT_FOUND
        if story := self.channel.at(path):
            return self._page(story, path)
        if document := self._document(path):
            return document
        if PICTURE.fullmatch(path):
            return Answer(DOT, "image/gif")
        if path.startswith(("/English/", "/web/English/")):
            return Answer(article_pages.dead())
        return NOT_FOUND

    def archived(self, target: str, headers: Message) -> Answer | None:
        """What a web archive answers; None for what is none's."""
        return wayback.answer(self.wayback, target) or commoncrawl.answer(self.commoncrawl, target, headers)

    def search(self, form: dict[str, str]) -> Answer:
        """What the search service answers; 400 for a form that it cannot read."""
        try:
            body = listings.search(self.channel, form, self.base)
        except ValueError as error:
            return Answer(f"{error}\n".encode(), TEXT, HTTPStatus.BAD_REQUEST)
        return Answer(body.encode(), JSON)

    def _document(self, path: str) -> Answer | None:
        """What has one fixed address, or a listing."""
        channel, base = self.channel, self.base
        match path:
            case "/sitemap.xml":
                return _tagged(listings.sitemap(channel, base), "application/xml; charset=utf-8")
            case "/news-sitemap.xml":
                return _tagged(feeds.news_sitemap(channel, base), "application/xml; charset=utf-8")
            case "/rss.xml":
                return _tagged(feeds.rss(channel, base), "application/rss+xml; charset=utf-8")
            case "/atom.xml":
                return _tagged(feeds.atom(channel, base), "application/atom+xml; charset=utf-8")
            case "/robots.txt":
                return Answer(listings.robots(base).encode(), TEXT)
            case "/web/English/index.html" | "/English/index.shtml":
                page: str | None = listings.index(channel, base)
            case "/founder/NewSearchServlet.do":
                page = article_pages.frame("Search", article_pages.nav())
            case _:
                page = self._listing(path)
        return _tagged(page) if page else None

    def _listing(self, path: str) -> str | None:
        if (node := NODE.fullmatch(path)) and (section := listings.section_of(node[1])):
            return (
                None
                if node[2] == "1"
                else listings.listing(self.channel, section, int(node[2] or 1), self.base)
            )
        if (old := OLD_LISTING.fullmatch(path)) and (section := listings.section_of(old[1])):
            return listings.old_listing(self.channel, section, self.base)
        return None

    def _page(self, story: Story, path: str) -> Answer:
        if story.rejected is Reason.SOFT_404:
            return Answer(article_pages.dead())
        if story.rejected:
            return Answer(article_pages.removed())
        top = self.channel.newest(12)
        readable = [item for item in top if not item.rejected]
        is_relaid = self.channel.is_relaid(story)
        body = article_pages.article(
            story, path, self.base, readable, next(self._turns), self.channel.attic, is_relaid=is_relaid
        )
        # A weak tag: it stands for the article, not for the Top News of the moment.
        tag = _digest(f"{story} {path}{' relaid' if is_relaid else ''}")
        modified_at = (story.published_at + timedelta(minutes=story.revision)).astimezone(UTC)
        return Answer(body.encode(), etag=f'W/"{tag}"', modified_at=modified_at)


def _tagged(page: str, kind: str = HTML) -> Answer:
    return Answer(page.encode(), kind, etag=f'"{_digest(page)}"')


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, replica: Replica, port: int) -> None:
        self.replica = replica
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

    def hang_up(self) -> None:
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
        replica = self._note()
        answer = replica.archived(self.path, self.headers) or replica.answer(path)
        if fault := replica.fault_at(path):
            fault(self, answer)
        else:
            self.send(answer)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        replica, path = self._note(), self.path.partition("?")[0]
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        answer = replica.search(form) if path == "/xy/Search.do" else NOT_FOUND
        if fault := replica.fault_at(path):
            fault(self, answer)
        else:
            self.send(answer)

    def log_message(self, *args: object) -> None:
        """Nothing: `requests` is the log."""

    def _note(self) -> Replica:
        self.server.replica.requests.append((self.command, self.path))
        return self.server.replica

    def send(self, answer: Answer) -> None:
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

    def _is_known(self, answer: Answer) -> bool:
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
