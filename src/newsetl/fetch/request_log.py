"""The audit rows of a run's requests: one row per attempt, also for an attempt that was forbidden."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from newsetl.errors import FetchError
from newsetl.fetch.exchange import HttpExchange
from newsetl.fetch.throttle import get_host
from newsetl.model import CaptureKind, Request


class RequestLog:
    """The rows since they were last taken, in order."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._rows: list[Request] = []

    def new_row(self, url: str, why: CaptureKind, *, attempt: int) -> Request:
        """Return the row of a request that begins now. The row is not in the log yet."""
        return Request(
            source=self._source,
            url=url,
            host=get_host(url),
            kind=why,
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
        """Put the row in the place of the last one."""
        self._rows[-1] = row

    def take(self) -> tuple[Request, ...]:
        """Return the rows and forget them."""
        taken, self._rows = tuple(self._rows), []
        return taken


def ended_row(row: Request, started: float, came: HttpExchange, error: str | None) -> Request:
    """Return the row with what has come of its request; `started` is on the monotonic clock."""
    return replace(
        row,
        status=came.status,
        elapsed=time.monotonic() - started,
        size=len(came.payload),
        retry_after=came.retry_after,
        error=error,
    )


def error_line(error: BaseException) -> str:
    """Return the error as a row and a message tell it."""
    return str(error) if isinstance(error, FetchError) else f"{type(error).__name__}: {error}"
