"""Faults that the mock site can inject, with real effects on the socket.

Each function builds or is a Fault for `MockServer.inject`, which handles one request.
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

# The real site's WAF page: a script without article text.
WAF_PAGE = b'<html><head><script src="/_fec_sbu/fec_wrapper.js"></script></head><body></body></html>'
LABELS = re.compile(r"<!--.*?-->|<[^>]+>|\||\b(Source|Author|Editor)s?:|\d{4}-\d\d-\d\d", re.DOTALL)
# SO_LINGER of zero seconds: closing sends a reset and drops unsent data.
RESET = struct.pack("ii", 1, 0)


def status(code: int, *, body: bytes = b"out of order\n") -> Fault:
    """Return a response with the status."""
    return lambda handler, _: _send_response(handler, code, {}, body)


def retry_after(seconds: int, *, code: int = 429, is_date: bool = False) -> Fault:
    """Return a Retry-After response, in seconds or as a date."""

    def fault(handler: Handler, _: MockResponse) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        header = format_datetime(until, usegmt=True) if is_date else str(seconds)
        _send_response(handler, code, {"Retry-After": header}, b"too many requests\n")

    return fault


def waf_page(code: int = 406) -> Fault:
    """Return the WAF's page instead of the requested one."""
    return lambda handler, _: _send_response(handler, code, {}, WAF_PAGE)


def soft_404(handler: Handler, _: MockResponse) -> None:
    """Send the soft 404 page with status 200."""
    _send_response(handler, 200, {}, article_pages.render_soft_404())


def new_layout(handler: Handler, response: MockResponse) -> None:
    """Send the page in a new layout: the same text without known labels and elements."""
    text = LABELS.sub(" ", response.body.decode())
    _send_response(
        handler, 200, {}, f"<html><title>News</title><body><main>{text}</main></body></html>".encode()
    )


def reset(handler: Handler, response: MockResponse) -> None:
    """Send half of the body, then reset the connection."""
    _send_head(handler, {"Content-Length": str(len(response.body))})
    handler.wfile.write(response.body[: len(response.body) // 2])
    handler.wfile.flush()
    handler.close_connection = True
    # The server would shut down the connection first, which a reset does not.
    with socket.socket(fileno=handler.connection.detach()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def wrong_length(difference: int) -> Fault:
    """Send a Content-Length that is wrong by `difference` bytes, then close the connection."""

    def fault(handler: Handler, response: MockResponse) -> None:
        _send_head(handler, {"Content-Length": str(len(response.body) + difference)})
        handler.wfile.write(response.body)
        handler.close_connection = True

    return fault


def drip(interval: float, *, is_head: bool = False) -> Fault:
    """Send one byte of the body, or one header, per interval (s), until the client disconnects."""

    def fault(handler: Handler, response: MockResponse) -> None:
        handler.close_connection = True
        with suppress(OSError):
            if is_head:
                handler.send_response(200)
                handler.flush_headers()
            else:
                _send_head(handler, {"Content-Length": str(len(response.body))})
            for number, byte in enumerate(response.body):
                handler.wfile.write(f"X-{number}: x\r\n".encode() if is_head else bytes([byte]))
                handler.wfile.flush()
                time.sleep(interval)

    return fault


def redirect(location: str) -> Fault:
    """Redirect to another URL."""
    return lambda handler, _: _send_response(handler, 302, {"Location": location}, b"")


def endless_redirect(handler: Handler, _: MockResponse) -> None:
    """Redirect without end, to a new URL each time."""
    path, *steps = handler.path.split("?on=")
    _send_response(handler, 302, {"Location": f"{path}?on={int(steps[0]) + 1 if steps else 1}"}, b"")


def gzip_bomb(size: int) -> Fault:
    """Send a small gzip body that decompresses to `size` bytes."""
    packed = gzip.compress(bytes(size))
    return lambda handler, _: _send_response(handler, 200, {"Content-Encoding": "gzip"}, packed)


def endless(kind: str = HTML) -> Fault:
    """Send a body without end, of the Content-Type `kind`."""

    def fault(handler: Handler, _: MockResponse) -> None:
        handler.close_connection = True
        with suppress(OSError):
            _send_head(handler, {"Content-Type": kind})
            while True:
                handler.wfile.write(bytes(1 << 16))

    return fault


def truncated(share: float) -> Fault:
    """Send the first part of the body (0 to 1) as if it were complete."""

    def fault(handler: Handler, response: MockResponse) -> None:
        handler.send_mock_response(response._replace(body=response.body[: int(len(response.body) * share)]))

    return fault


def charset(name: str) -> Fault:
    """Send the unchanged page with another charset in Content-Type."""
    kind = f"text/html; charset={name}"
    return lambda handler, response: _send_response(handler, 200, {"Content-Type": kind}, response.body)


def short_listing(rows: int) -> Fault:
    """Send a listing with its first rows only, and a page count of one."""

    def fault(handler: Handler, response: MockResponse) -> None:
        head, *items = re.split(rb"(?=<dl>)", response.body)
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
