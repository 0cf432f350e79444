"""Response of the mock site and its mock services."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"


class MockResponse(NamedTuple):
    """One response; `etag` and `modified_at` are set for pages with conditional requests."""

    body: bytes
    kind: str = HTML
    status: HTTPStatus = HTTPStatus.OK
    etag: str | None = None
    modified_at: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()


NOT_FOUND = MockResponse(b"Not Found\n", TEXT, HTTPStatus.NOT_FOUND)
