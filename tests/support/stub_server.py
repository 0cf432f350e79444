"""HTTP server with fixed responses on 127.0.0.1, for cases that the mock site does not cover."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from tests.support.stepped_clock import SteppedClock

Response = tuple[int, dict[str, str], bytes]
Route = Response | bytes | str | Callable[["SiteHandler"], None] | list[Response]


# Duration of a response on a stepped clock.
RESPONSE_SECONDS = 0.03


@dataclass
class RecordedRequest:
    """One request: path, headers, and its start and end on the site's clock (s)."""

    path: str
    headers: dict[str, str]
    started: float
    ended: float


class SiteHandler(BaseHTTPRequestHandler):
    """Handler of one connection; `clock` is the site's clock."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    clock: SteppedClock


class LocalSite:
    """HTTP server of `routes` by path, for the duration of a with block. Unknown paths return 404.

    A list of responses is sent one by one, and its last response repeats. Each response takes
    RESPONSE_SECONDS of `clock`.
    """

    def __init__(self, routes: dict[str, Route], clock: SteppedClock | None = None) -> None:
        self.routes = {"/robots.txt": (404, {}, b"")} | routes
        self.requests: list[RecordedRequest] = []
        site = self

        class Handler(SiteHandler):
            def do_GET(self) -> None:
                started = self.clock.monotonic()
                self.clock.sleep(RESPONSE_SECONDS)
                site.requests.append(
                    RecordedRequest(self.path, dict(self.headers), started, started + RESPONSE_SECONDS)
                )
                site._send_response(self)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        Handler.clock = clock or SteppedClock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def paths(self) -> list[str]:
        """Requested paths, without robots.txt."""
        return [request.path for request in self.requests if request.path != "/robots.txt"]

    def _send_response(self, handler: SiteHandler) -> None:
        route = self.routes.get(handler.path, (404, {}, b"not found"))
        if isinstance(route, list):
            route = route.pop(0) if len(route) > 1 else route[0]
        if callable(route):
            return route(handler)
        if isinstance(route, str):
            route = route.encode()
        status, headers, body = (200, {}, route) if isinstance(route, bytes) else route
        handler.send_response(status)
        for name, value in ({"Content-Type": "text/html; charset=utf-8"} | headers).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        return None

    def __enter__(self) -> LocalSite:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
