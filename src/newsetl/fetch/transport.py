"""The connections under the client: to public addresses only, and none outlives its request's time.

The address is checked where the connection is made, so a name that changes its answer between a check
and a connection gains nothing. Every read and write has at most what is left of the request's time: a
server that drips, in its headers or in its body, is left when it is over.
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

_FAILURES = (
    httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol,
    httpcore.ProxyError,
)  # fmt: skip
# What a response's head may be: beyond it nothing is said about its length.
_HEAD = 1 << 16
_INTERIM = re.compile(rb"HTTP/1\.\d 1\d\d")


class PublicAddressTransport(httpx.BaseTransport):
    """One connection a host, kept alive. Not for use by several threads."""

    def __init__(self, *, is_private_allowed: bool) -> None:
        self._budget = _RequestBudget()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            keepalive_expiry=5.0,
            network_backend=_Backend(self._budget, is_private_allowed),
        )

    def set_deadline(self, seconds: float) -> None:
        """The next request has so many seconds, from its connection to its last byte."""
        self._budget.deadline = time.monotonic() + seconds
        self._budget.received, self._budget.head = 0, bytearray()

    def count_surplus_bytes(self, length: int) -> int:
        """How many bytes have come beyond a body of `length`: then that is not its real end."""
        head = bytes(self._budget.head)
        end = head.find(b"\r\n\r\n")
        if end < 0 or _INTERIM.match(head):
            return 0
        return max(0, self._budget.received - (end + 4) - length)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response, its body not read yet. Raises httpx.TransportError; FetchError for an address."""
        url = request.url
        assert isinstance(request.stream, httpx.SyncByteStream)
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _translate_errors():
            answer = self._pool.handle_request(asked)
        assert isinstance(answer.stream, Iterable)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        """Every connection is closed."""
        self._pool.close()


def resolve_public_addresses(host: str, port: int, *, is_private_allowed: bool) -> list[str]:
    """The addresses of `host`. Raises FetchError if one of them is not of the public internet.

    A private source may ask its own network, but link-local addresses (169.254.169.254) never.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (UnicodeError, ValueError) as error:
        raise FetchError(Reason.FETCH_FAILED, f"{host}: no such host ({error})") from error
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    texts = list(dict.fromkeys(str(place[0]) for *_, place in found))
    for text in texts:
        address = ipaddress.ip_address(text.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        if not address.is_global and not (is_private_allowed and not address.is_link_local):
            raise FetchError(Reason.FETCH_FAILED, f"{host}: {address} is no public address, so not asked")
    return texts


class _RequestBudget:
    """What the request under way may still take, and what has come of its response."""

    def __init__(self) -> None:
        self.deadline = 0.0
        self.received = 0
        self.head = bytearray()

    def get_seconds_left(self, timeout: float | None) -> float:
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the response is not complete after all the time that it may take")
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
        failure: Exception = httpcore.ConnectError(f"{host}: no address")
        for address in resolve_public_addresses(host, port, is_private_allowed=self._is_private_allowed):
            try:
                connected = self._sockets.connect_tcp(
                    address, port, self._budget.get_seconds_left(timeout), local_address, socket_options
                )
                return _Stream(connected, self._budget)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, budget: _RequestBudget) -> None:
        self._inner, self._budget = inner, budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            found = self._inner.read(max_bytes, self._budget.get_seconds_left(timeout))
        except httpcore.ReadTimeout:
            self._budget.get_seconds_left(timeout)  # says so if it is this that is over
            raise
        self._budget.received += len(found)
        if len(self._budget.head) < _HEAD:
            self._budget.head += found
        return found

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
    """httpcore's errors leave here as httpx's of the same name."""
    try:
        yield
    except _FAILURES as error:
        kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise kind(str(error)) from error
