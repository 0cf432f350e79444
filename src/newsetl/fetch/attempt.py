"""One attempt at a request: rate limit, HTTP exchange, audit row, response in the archive."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from newsetl.errors import ArchiveError, FetchError
from newsetl.fetch.decoding import decode_content
from newsetl.fetch.exchange import HttpExchange, HttpSession
from newsetl.fetch.request_log import RequestLog, complete_audit_row, format_error
from newsetl.fetch.responses import PreparedRequest, build_capture, build_status_error, unwrap_page
from newsetl.fetch.throttle import get_host_throttle
from newsetl.model import Capture, Request
from newsetl.reasons import Reason
from newsetl.sources.config import Source


class RequestSender:
    """Sender of single requests within the host's rate limit. `store` archives a response; see Client."""

    def __init__(
        self, source: Source, session: HttpSession, log: RequestLog, store: Callable[[Capture], Capture]
    ) -> None:
        self._source, self._session, self._log, self._store = source, session, log, store
        self._started = time.monotonic()

    def send(self, request: PreparedRequest, attempt: int, not_before: float) -> Capture | str:
        """Return the stored response, or the URL that it redirects to. Raise errors as `Client.get` does."""
        host, response = get_host_throttle(request.host), HttpExchange()
        with host.acquire(
            min_delay=request.min_delay,
            cause=request.delay_cause,
            not_before=not_before,
            max_retry_after=self._source.fetch.retry_cap,
            run_started=self._started,
        ) as wait:
            audit_row = replace(
                self._log.build_row(request.url, request.options.kind, attempt=attempt),
                waited=wait.seconds,
                wait_reason=wait.cause,
                min_delay=request.min_delay,
                crawl_delay=request.crawl_delay,
            )
            started = time.monotonic()
            try:
                self._session.send(
                    request.url,
                    capture_kind=request.options.kind,
                    headers={**(request.options.headers or {}), **request.conditional_headers},
                    is_form=request.options.is_form,
                    into=response,
                )
            except BaseException as error:
                self._log.add(complete_audit_row(audit_row, started, response, format_error(error)))
                raise
            finally:
                if response.retry_after is not None:
                    host.block_for(response.retry_after)
            audit_row = complete_audit_row(audit_row, started, response, None)
        if response.location is not None:
            self._log.add(audit_row)
            return response.location
        if response.status == 304 and request.conditional_headers:
            self._log.add(audit_row)
            return build_capture(self._source, request, audit_row, response, b"")
        return self._store_response(request, audit_row, response)

    def _store_response(
        self, request: PreparedRequest, audit_row: Request, response: HttpExchange
    ) -> Capture:
        decoding_error, body = None, b""
        try:
            body = decode_content(
                response.headers,
                bytes(response.payload),
                limit=self._source.fetch.get_max_bytes(request.options.kind),
            )
        except FetchError as error:
            if error.reason is Reason.TOO_LARGE:
                self._log.add(replace(audit_row, error=str(error)))
                raise
            decoding_error = error
        capture = build_capture(self._source, request, audit_row, response, body)
        is_page = 200 <= capture.status < 300
        try:
            if is_page and not decoding_error:
                capture = unwrap_page(capture, request.options)
        except FetchError as error:
            self._log.add(replace(audit_row, error=str(error)))
            raise
        audit_row = replace(
            audit_row, capture_id=capture.capture_id, error=str(decoding_error) if decoding_error else None
        )
        self._log.add(audit_row)
        try:
            capture = self._store(capture)
        except ArchiveError as error:
            self._log.replace_last(replace(audit_row, capture_id=None, error=str(error)))
            raise
        if not is_page:
            raise build_status_error(self._source, capture)
        if decoding_error:
            raise FetchError(decoding_error.reason, str(decoding_error), capture)
        return capture
