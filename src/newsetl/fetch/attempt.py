"""One attempt at one URL: a request in the host's turn, its audit row, its response in the archive."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from newsetl.errors import ArchiveError, FetchError
from newsetl.fetch.decoding import decode_content
from newsetl.fetch.exchange import HttpExchange, HttpSession
from newsetl.fetch.request_log import RequestLog, ended_row, error_line
from newsetl.fetch.responses import PreparedRequest, build_capture, build_status_error, unwrap_page
from newsetl.fetch.throttle import get_host_throttle
from newsetl.model import Capture, Request
from newsetl.reasons import Reason
from newsetl.sources.config import Source


class Attempts:
    """Sends one request after the other. `keep` stores a response; see Client."""

    def __init__(
        self, source: Source, wire: HttpSession, log: RequestLog, keep: Callable[[Capture], Capture]
    ) -> None:
        self._source, self._wire, self._log, self._keep = source, wire, log, keep
        self._started = time.monotonic()

    def send(self, ask: PreparedRequest, number: int, not_before: float) -> Capture | str:
        """The response of the address, stored, or where it redirects to. Raises what `Client.get` does."""
        host, came = get_host_throttle(ask.host), HttpExchange()
        with host.acquire(
            min_delay=ask.min_delay,
            cause=ask.delay_cause,
            not_before=not_before,
            max_retry_after=self._source.fetch.retry_cap,
            run_started=self._started,
        ) as wait:
            row = replace(
                self._log.new_row(ask.url, ask.options.kind, attempt=number),
                waited=wait.seconds,
                wait_reason=wait.cause,
                min_delay=ask.min_delay,
                crawl_delay=ask.crawl_delay,
            )
            started = time.monotonic()
            try:
                self._wire.send(
                    ask.url,
                    capture_kind=ask.options.kind,
                    headers={**(ask.options.headers or {}), **ask.conditional_headers},
                    is_form=ask.options.is_form,
                    into=came,
                )
            except BaseException as error:
                self._log.add(ended_row(row, started, came, error_line(error)))
                raise
            finally:
                if came.retry_after is not None:
                    host.block_for(came.retry_after)
            row = ended_row(row, started, came, None)
        if came.location is not None:
            self._log.add(row)
            return came.location
        if came.status == 304 and ask.conditional_headers:
            self._log.add(row)
            return build_capture(self._source, ask, row, came, b"")
        return self._kept(ask, row, came)

    def _kept(self, ask: PreparedRequest, row: Request, came: HttpExchange) -> Capture:
        undecodable, body = None, b""
        try:
            body = decode_content(came.headers, bytes(came.payload), limit=self._source.fetch.max_bytes)
        except FetchError as error:
            if error.reason is Reason.TOO_LARGE:
                self._log.add(replace(row, error=str(error)))
                raise
            undecodable = error
        capture = build_capture(self._source, ask, row, came, body)
        is_page = 200 <= capture.status < 300
        try:
            if is_page and not undecodable:
                capture = unwrap_page(capture, ask.options)
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
            raise build_status_error(self._source, capture)
        if undecodable:
            raise FetchError(undecodable.reason, str(undecodable), capture)
        return capture
