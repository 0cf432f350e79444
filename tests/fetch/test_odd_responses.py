"""Responses that browsers read and HTTP libraries refuse: content codings and header lines."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib

import httpx
import pytest

from newsetl.errors import FetchError
from newsetl.fetch.decoding import decode_content
from newsetl.fetch.transport import PublicAddressTransport, _clean_head
from newsetl.reasons import Reason

PAGE = b"<!doctype html><html><body><p>The ferry waits for the tide.</p></body></html>"
HALF = len(PAGE) // 2
BODIES = {
    "one member": ("gzip", gzip.compress(PAGE)),
    "two members": ("gzip", gzip.compress(PAGE[:HALF]) + gzip.compress(PAGE[HALF:])),
    "an empty member": ("gzip", gzip.compress(PAGE) + gzip.compress(b"")),
    "zeros behind": ("gzip", gzip.compress(PAGE) + b"\0" * 512),
    "a line behind": ("gzip", gzip.compress(PAGE) + b"\n"),
    "x-gzip": ("x-gzip", gzip.compress(PAGE)),
    "none": ("none", PAGE),
    "a charset": ("UTF-8", PAGE),
    "a media type": ("text/html", PAGE),
    "blank": (" ", PAGE),
    "gzip of a plain page": ("gzip", PAGE),
    "br of a plain page": ("br", PAGE),
    "deflate": ("deflate", zlib.compress(PAGE)),
    "gzip without a label": ("", gzip.compress(PAGE)),
    "gzip beside none": ("gzip, none", gzip.compress(PAGE)),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_decoded_as_browsers_do(name: str) -> None:
    coding, payload = BODIES[name]
    headers = [("Content-Encoding", coding)] if coding else []
    assert decode_content(headers, payload, limit=10_000) == PAGE


@pytest.mark.parametrize(
    ("coding", "payload", "reason"),
    [
        ("gzip", gzip.compress(PAGE)[:-12], Reason.UNDECODABLE),
        ("gzip", b"\x89PNG neither gzip nor markup", Reason.UNDECODABLE),
        ("gzip", gzip.compress(bytes(1_000_000)), Reason.TOO_LARGE),
        ("gzip", gzip.compress(PAGE) + gzip.compress(bytes(1_000_000)), Reason.TOO_LARGE),
        ("gzip, br", gzip.compress(PAGE), Reason.UNDECODABLE),
        ("compress", b"\x1f\x9d", Reason.UNDECODABLE),
    ],
    ids=["cut", "no gzip", "bomb", "bomb in the second member", "stacked", "compress"],
)
def test_a_damaged_body_and_a_bomb_are_rejected(coding: str, payload: bytes, reason: Reason) -> None:
    with pytest.raises(FetchError) as caught:
        decode_content([("content-encoding", coding)], payload, limit=10_000)
    assert caught.value.reason is reason


def test_a_file_that_is_no_markup_keeps_its_bytes() -> None:
    packed = gzip.compress(b"plain words, no markup")
    assert decode_content([], packed, limit=10_000) == packed


@pytest.mark.parametrize(
    "line",
    [
        b"X Powered By: quay",
        b"store/forum.php: not found",
        b"Warning of the cache",
        b": empty",
        b"\xff\xfe: x",
    ],
)
@pytest.mark.parametrize("position", [0, 1])
def test_a_header_line_that_is_none_is_left_out(line: bytes, position: int) -> None:
    lines = [b"Content-Length: 2"]
    lines.insert(position, line)
    head = b"HTTP/1.1 200 OK\r\n" + b"\r\n".join(lines) + b"\r\n\r\nok"
    assert _clean_head(head) == b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_a_blank_before_the_colon_goes_and_bare_line_feeds_end_lines() -> None:
    head = b"HTTP/1.1 200 OK\nX-Cache : HIT\nContent-Length: 2\n\nok"
    assert _clean_head(head) == b"HTTP/1.1 200 OK\r\nX-Cache: HIT\r\nContent-Length: 2\r\n\r\nok"
    assert _clean_head(b"SSH-2.0-OpenSSH\r\n\r\n") == b"SSH-2.0-OpenSSH\r\n\r\n"


class ClosingServer:
    """Server whose connections end, without a response, with the request number `requests + 1`."""

    def __init__(self, requests: int) -> None:
        self._requests = requests
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> ClosingServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                for _ in range(self._requests):
                    if not connection.recv(65_536):
                        break
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                else:
                    connection.recv(65_536)


@pytest.mark.parametrize("requests", [1, 2])
def test_a_request_on_a_connection_that_the_server_closes_is_repeated(requests: int) -> None:
    transport = PublicAddressTransport(is_private_allowed=True)
    with ClosingServer(requests) as server, httpx.Client(transport=transport, trust_env=False) as http:
        for _ in range(5):
            transport.set_deadline(5)
            assert http.get(server.url).text == "ok"
        assert server.connections == -(-5 // requests)


def test_a_new_connection_without_a_response_is_an_error() -> None:
    transport = PublicAddressTransport(is_private_allowed=True)
    with ClosingServer(0) as server, httpx.Client(transport=transport, trust_env=False) as http:
        transport.set_deadline(5)
        with pytest.raises(httpx.RemoteProtocolError):
            http.get(server.url)
        assert server.connections == 1
