"""Audit rows of a run's requests: one row per attempt, also for one that robots.txt disallows."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from newsetl.errors import FetchError
from newsetl.fetch.exchange import HttpExchange
from newsetl.fetch.throttle import get_host
from newsetl.model import CaptureKind, Request


class RequestLog:
    """Audit rows since the last `take`, in order."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._rows: list[Request] = []

    def build_row(self, url: str, kind: CaptureKind, *, attempt: int) -> Request:
        """Return the row of a request that begins now, without adding it to the log."""
        return Request(
            source=self._source,
            url=url,
            host=get_host(url),
            kind=kind,
            requested_at=datetime.now(UTC),
            status=None,
            waited=0.0,
            elapsed=0.0,
            size=0,
            is_allowed=True,
            attempt=attempt,
        )

    def add(self, row: Request) -> None:
        """Append the row."""
        self._rows.append(row)

    def replace_last(self, row: Request) -> None:
        """Replace the last row."""
        self._rows[-1] = row

    def take(self) -> tuple[Request, ...]:
        """Return the rows and clear the log."""
        taken, self._rows = tuple(self._rows), []
        return taken


def complete_audit_row(
    audit_row: Request, started: float, response: HttpExchange, error: str | None
) -> Request:
    """Return the row with the response's values; `started` is on the monotonic clock (s)."""
    return replace(
        audit_row,
        status=response.status,
        elapsed=time.monotonic() - started,
        size=len(response.payload),
        retry_after=response.retry_after,
        error=error,
    )


def format_error(error: BaseException) -> str:
    """Return the error's message, with the class name unless it is a FetchError."""
    return str(error) if isinstance(error, FetchError) else f"{type(error).__name__}: {error}"
