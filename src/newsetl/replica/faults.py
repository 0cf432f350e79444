"""What goes wrong between a channel and its readers, committed for real on the replica's sockets.

Each function makes a Fault for `Replica.commit`: it answers one request, wrongly.
"""

from __future__ import annotations

import gzip
import re
import socket
import struct
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus

from newsetl.replica import article_pages
from newsetl.replica.response import HTML, MockResponse
from newsetl.replica.server import Fault, Handler

# What the firewall of the real site sends instead of a page: a script, and no word of an article.
WAF_PAGE = b'<html><head><script src="/_fec_sbu/fec_wrapper.js"></script></head><body></body></html>'
LABELS = re.compile(r"<!--.*?-->|<[^>]+>|\||\b(Source|Author|Editor)s?:|\d{4}-\d\d-\d\d", re.DOTALL)
# Linger for no time: closing sends a reset, and what was not sent yet is lost.
RESET = struct.pack("ii", 1, 0)


def status(code: int, *, body: bytes = b"out of order\n") -> Fault:
    """Answers with that status."""
    return lambda handler, _: _send_response(handler, code, {}, body)


def retry_after(seconds: int, *, code: int = 429, is_date: bool = False) -> Fault:
    """Asks to be left alone, with Retry-After in seconds or as the date of the end."""

    def fault(handler: Handler, _: MockResponse) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        header = format_datetime(until, usegmt=True) if is_date else str(seconds)
        _send_response(handler, code, {"Retry-After": header}, b"too many requests\n")

    return fault


def waf_page(code: int = 406) -> Fault:
    """Sends the firewall's page instead of the one asked for."""
    return lambda handler, _: _send_response(handler, code, {}, WAF_PAGE)


def soft_404(handler: Handler, _: MockResponse) -> None:
    """The dead page of the site, which it calls 200 OK."""
    _send_response(handler, 200, {}, article_pages.render_soft_404())


def new_layout(handler: Handler, answer: MockResponse) -> None:
    """The page laid out anew: the same words, and no landmark of the ones known."""
    text = LABELS.sub(" ", answer.body.decode())
    _send_response(
        handler, 200, {}, f"<html><title>News</title><body><main>{text}</main></body></html>".encode()
    )


def reset(handler: Handler, answer: MockResponse) -> None:
    """Half of the body, then a reset of the connection."""
    _send_head(handler, {"Content-Length": str(len(answer.body))})
    handler.wfile.write(answer.body[: len(answer.body) // 2])
    handler.wfile.flush()
    handler.close_connection = True
    # The server would say good-bye first, which is what a reset does not do.
    with socket.socket(fileno=handler.connection.detach()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def wrong_length(difference: int) -> Fault:
    """A Content-Length that is wrong by so many bytes, and the end of the connection."""

    def fault(handler: Handler, answer: MockResponse) -> None:
        _send_head(handler, {"Content-Length": str(len(answer.body) + difference)})
        handler.wfile.write(answer.body)
        handler.close_connection = True

    return fault


def drip(pause: float, *, is_head: bool = False) -> Fault:
    """One byte of the body, or one header, after each pause, for as long as somebody reads."""

    def fault(handler: Handler, answer: MockResponse) -> None:
        handler.close_connection = True
        with suppress(OSError):
            if is_head:
                handler.send_response(200)
                handler.flush_headers()
            else:
                _send_head(handler, {"Content-Length": str(len(answer.body))})
            for number, byte in enumerate(answer.body):
                handler.wfile.write(f"X-{number}: x\r\n".encode() if is_head else bytes([byte]))
                handler.wfile.flush()
                time.sleep(pause)

    return fault


def redirect(location: str) -> Fault:
    """Sends the reader to another address."""
    return lambda handler, _: _send_response(handler, 302, {"Location": location}, b"")


def endless_redirect(handler: Handler, _: MockResponse) -> None:
    """Sends the reader on and on, to a new address each time."""
    path, *steps = handler.path.split("?on=")
    _send_response(handler, 302, {"Location": f"{path}?on={int(steps[0]) + 1 if steps else 1}"}, b"")


def gzip_bomb(size: int) -> Fault:
    """A small body that unpacks to `size` bytes."""
    packed = gzip.compress(bytes(size))
    return lambda handler, _: _send_response(handler, 200, {"Content-Encoding": "gzip"}, packed)


def endless(kind: str = HTML) -> Fault:
    """A body without an end, of the Content-Type `kind`."""

    def fault(handler: Handler, _: MockResponse) -> None:
        handler.close_connection = True
        with suppress(OSError):
            _send_head(handler, {"Content-Type": kind})
            while True:
                handler.wfile.write(bytes(1 << 16))

    return fault


def truncated(share: float) -> Fault:
    """The answer's beginning, as if it were all of it."""

    def fault(handler: Handler, answer: MockResponse) -> None:
        handler.send_mock_response(answer._replace(body=answer.body[: int(len(answer.body) * share)]))

    return fault


def charset(name: str) -> Fault:
    """The page as it is, under the name of another charset."""
    kind = f"text/html; charset={name}"
    return lambda handler, answer: _send_response(handler, 200, {"Content-Type": kind}, answer.body)


def short_listing(rows: int) -> Fault:
    """A listing that has only its first rows, and says that it has one page."""

    def fault(handler: Handler, answer: MockResponse) -> None:
        head, *items = re.split(rb"(?=<dl>)", answer.body)
        tail = items[-1].partition(b"</dl>")[2] if items else b""
        page = b"".join([head, *items[:rows]]) + (tail if items[rows:] else b"")
        _send_response(handler, 200, {}, re.sub(rb'pages="\d+"', b'pages="1"', page))

    return fault


def _send_head(handler: Handler, headers: dict[str, str]) -> None:
    handler.send_response(HTTPStatus.OK)
    for name, value in ({"Content-Type": HTML} | headers).items():
        handler.send_header(name, value)
    handler.end_headers()


def _send_response(handler: Handler, code: int, headers: dict[str, str], body: bytes) -> None:
    handler.send_response(code)
    for name, value in ({"Content-Type": HTML, "Content-Length": str(len(body))} | headers).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
