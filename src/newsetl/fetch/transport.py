"""HTTP transport that connects to public addresses only and gives each request a deadline.

The address is checked when the connection is made, so DNS rebinding between check and connection is
impossible. Every read and write has at most the time left until the deadline, so a server that sends its
headers or body byte by byte is disconnected at the deadline.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from newsetl.errors import FetchError
from newsetl.reasons import Reason

_HTTPCORE_ERRORS = (
    httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol,
    httpcore.ProxyError,
)  # fmt: skip
# Longest response head (bytes) that surplus bytes are counted after.
_MAX_HEAD_BYTES = 1 << 16
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_HEADER_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*:")
_BLANK_BEFORE_COLON = re.compile(rb"^([^ \t:]+)[ \t]+:")
_INTERIM_RESPONSE = re.compile(rb"HTTP/1\.\d 1\d\d")


class PublicAddressTransport(httpx.BaseTransport):
    """Transport with one kept-alive connection per host. Not thread-safe."""

    def __init__(self, *, is_private_allowed: bool) -> None:
        self._budget = _RequestBudget()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            keepalive_expiry=5.0,
            network_backend=_Backend(self._budget, is_private_allowed),
        )

    def set_deadline(self, seconds: float) -> None:
        """Give the next request this many seconds, from its connection to its last byte."""
        self._budget.deadline = time.monotonic() + seconds
        self._budget.received, self._budget.head = 0, bytearray()
        self._budget.is_connected_anew = False

    def count_surplus_bytes(self, length: int) -> int:
        """Return the number of bytes received beyond a body of `length` bytes."""
        head = bytes(self._budget.head)
        end = head.find(b"\r\n\r\n")
        if end < 0 or _INTERIM_RESPONSE.match(head):
            return 0
        return max(0, self._budget.received - (end + 4) - length)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response with an unread body. Raise httpx.TransportError or FetchError.

        If a kept connection ends without a response, the server has closed it in the meantime: repeat the
        request once on a new connection.
        """
        url = request.url
        assert isinstance(request.stream, httpx.SyncByteStream)
        core_request = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _translate_errors():
            try:
                core_response = self._pool.handle_request(core_request)
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                is_stale = not self._budget.is_connected_anew and not self._budget.received
                if not is_stale or request.method != "GET":
                    raise
                core_response = self._pool.handle_request(core_request)
        assert isinstance(core_response.stream, Iterable)
        return httpx.Response(
            core_response.status,
            headers=core_response.headers,
            stream=_Body(core_response.stream),
            extensions=core_response.extensions,
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


def resolve_public_addresses(host: str, port: int, *, is_private_allowed: bool) -> list[str]:
    """Return the IP addresses of `host`. Raise FetchError if one of the addresses is not public.

    With `is_private_allowed` private addresses pass too, but never link-local ones (169.254.169.254).
    Raise httpcore.ConnectError if name resolution fails.
    """
    try:
        address_infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (UnicodeError, ValueError) as error:
        raise FetchError(Reason.FETCH_FAILED, f"{host}: not a valid host name ({error})") from error
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    texts = list(dict.fromkeys(str(socket_address[0]) for *_, socket_address in address_infos))
    for text in texts:
        address = ipaddress.ip_address(text.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        if not address.is_global and not (is_private_allowed and not address.is_link_local):
            raise FetchError(
                Reason.FETCH_FAILED, f"{host}: {address} is not a public address and is not requested"
            )
    return texts


class _RequestBudget:
    """Deadline of the current request, the bytes received, and whether it has opened a connection."""

    def __init__(self) -> None:
        self.deadline = 0.0
        self.received = 0
        self.head = bytearray()
        self.is_connected_anew = False

    def get_seconds_left(self, timeout: float | None) -> float:
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the response is not complete at its deadline")
        return seconds if timeout is None else min(timeout, seconds)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, budget: _RequestBudget, is_private_allowed: bool) -> None:
        self._budget, self._is_private_allowed = budget, is_private_allowed
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        self._budget.is_connected_anew = True
        failure: Exception = httpcore.ConnectError(f"{host}: no IP address")
        for address in resolve_public_addresses(host, port, is_private_allowed=self._is_private_allowed):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._budget.get_seconds_left(timeout), local_address, socket_options
                )
                return _Stream(stream, self._budget)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, budget: _RequestBudget) -> None:
        self._inner, self._budget = inner, budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._budget.head:
            return self._receive(max_bytes, timeout)
        # The whole head is read at once, so that lines that h11 refuses can be left out, as browsers do.
        while not _HEAD_END.search(self._budget.head) and len(self._budget.head) < _MAX_HEAD_BYTES:
            if not self._receive(max_bytes, timeout):
                break
        return _clean_head(bytes(self._budget.head))

    def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        try:
            data = self._inner.read(max_bytes, self._budget.get_seconds_left(timeout))
        except httpcore.ReadTimeout:
            self._budget.get_seconds_left(timeout)  # raises if the deadline has passed
            raise
        self._budget.received += len(data)
        if len(self._budget.head) < _MAX_HEAD_BYTES:
            self._budget.head += data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._budget.get_seconds_left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._budget.get_seconds_left(timeout))
        return _Stream(inner, self._budget)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _clean_head(data: bytes) -> bytes:
    """Return the received data without the header lines that are none, and without blanks before a colon."""
    end = _HEAD_END.search(data)
    if end is None or not data.startswith(b"HTTP/"):
        return data
    status, *lines = (line.rstrip(b"\r") for line in data[: end.start()].split(b"\n"))
    kept = [
        _BLANK_BEFORE_COLON.sub(rb"\1:", line, count=1)
        for line in lines
        if _HEADER_LINE.match(line) or line.startswith((b" ", b"\t"))
    ]
    return b"\r\n".join([status, *kept, b"", data[end.end() :]])


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _translate_errors():
            yield from self._stream

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Translate httpcore's errors to httpx's of the same name."""
    try:
        yield
    except _HTTPCORE_ERRORS as error:
        error_type: type[httpx.TransportError] = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise error_type(str(error)) from error
