"""A site of a few fixed answers on 127.0.0.1, for what the replica does not do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from tests.support.stepped_clock import SteppedClock

Answer = tuple[int, dict[str, str], bytes]
Route = Answer | bytes | str | Callable[["SiteHandler"], None] | list[Answer]


# Seconds that a response takes on a stepped clock.
TAKES = 0.03


@dataclass
class Asked:
    """One request: its path, its headers, and on the site's clock when it began and when it was answered."""

    path: str
    headers: dict[str, str]
    began: float
    ended: float


class SiteHandler(BaseHTTPRequestHandler):
    """One connection to the site; `clock` is the site's."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    clock: SteppedClock


class LocalSite:
    """Serves `routes` by path; a list is given out one by one, the last for good. Unknown paths are 404.

    Each response takes TAKES seconds of `clock`, so that its end is another time than its beginning.
    """

    def __init__(self, routes: dict[str, Route], clock: SteppedClock | None = None) -> None:
        self.routes = {"/robots.txt": (404, {}, b"")} | routes
        self.asked: list[Asked] = []
        site = self

        class Handler(SiteHandler):
            def do_GET(self) -> None:
                began = self.clock.monotonic()
                self.clock.sleep(TAKES)
                site.asked.append(Asked(self.path, dict(self.headers), began, began + TAKES))
                site._answer(self)

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
        """What was asked for, without robots.txt."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def _answer(self, handler: SiteHandler) -> None:
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
