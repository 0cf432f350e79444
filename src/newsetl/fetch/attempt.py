"""One attempt at one URL: a request in the host's turn, its audit row, its response in the archive."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from newsetl.errors import ArchiveError, FetchError
from newsetl.fetch.decoding import decoded
from newsetl.fetch.exchange import Exchange, Wire
from newsetl.fetch.request_log import RequestLog, ended_row, error_line
from newsetl.fetch.responses import Ask, capture_of, page_in, refusal
from newsetl.fetch.throttle import host_at
from newsetl.model import Capture, Request
from newsetl.reasons import Reason
from newsetl.sources.config import Source


class Attempts:
    """Sends one request after the other. `keep` stores a response; see Client."""

    def __init__(
        self, source: Source, wire: Wire, log: RequestLog, keep: Callable[[Capture], Capture]
    ) -> None:
        self._source, self._wire, self._log, self._keep = source, wire, log, keep
        self._started = time.monotonic()

    def send(self, ask: Ask, number: int, not_before: float) -> Capture | str:
        """The response of the address, stored, or where it redirects to. Raises what `Client.get` does."""
        host, came = host_at(ask.host), Exchange()
        with host.turn(
            min_delay=ask.min_delay,
            cause=ask.cause,
            not_before=not_before,
            cap=self._source.fetch.retry_cap,
            since=self._started,
        ) as wait:
            row = replace(
                self._log.new_row(ask.url, ask.wish.why, attempt=number),
                waited=wait.seconds,
                wait_reason=wait.cause,
                min_delay=ask.min_delay,
                crawl_delay=ask.crawl_delay,
            )
            started = time.monotonic()
            try:
                self._wire.ask(
                    ask.url,
                    why=ask.wish.why,
                    headers={**(ask.wish.headers or {}), **ask.conditions},
                    is_form=ask.wish.is_form,
                    into=came,
                )
            except BaseException as error:
                self._log.add(ended_row(row, started, came, error_line(error)))
                raise
            finally:
                if came.retry_after is not None:
                    host.close_for(came.retry_after)
            row = ended_row(row, started, came, None)
        if came.location is not None:
            self._log.add(row)
            return came.location
        if came.status == 304 and ask.conditions:
            self._log.add(row)
            return capture_of(self._source, ask, row, came, b"")
        return self._kept(ask, row, came)

    def _kept(self, ask: Ask, row: Request, came: Exchange) -> Capture:
        undecodable, body = None, b""
        try:
            body = decoded(came.headers, bytes(came.payload), limit=self._source.fetch.max_bytes)
        except FetchError as error:
            if error.reason is Reason.TOO_LARGE:
                self._log.add(replace(row, error=str(error)))
                raise
            undecodable = error
        capture = capture_of(self._source, ask, row, came, body)
        is_page = 200 <= capture.status < 300
        try:
            if is_page and not undecodable:
                capture = page_in(capture, ask.wish)
        except FetchError as error:
            self._log.add(replace(row, error=str(error)))
            raise
        row = replace(row, capture_id=capture.capture_id, error=str(undecodable) if undecodable else None)
        self._log.add(row)
        try:
            capture = self._keep(capture)
        except ArchiveError as error:
            self._log.replace_last(replace(row, capture_id=None, error=str(error)))
            raise
        if not is_page:
            raise refusal(self._source, capture)
        if undecodable:
            raise FetchError(undecodable.reason, str(undecodable), capture)
        return capture
