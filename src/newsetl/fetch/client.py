"""Polite HTTP client: robots.txt, minimum delay, retries, redirects, limits, one audit row per attempt.

Every request of a run goes through `Client.get`, which follows redirects itself. `CrawlDelays` computes the
minimum delay, `run_with_retries` loops over the attempts at one URL, and `RequestSender.send` is one attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from newsetl.errors import ArchiveError, FetchError, HostUnavailableError, TooManyRedirectsError
from newsetl.fetch.attempt import RequestSender
from newsetl.fetch.crawl_delay import CrawlDelays
from newsetl.fetch.exchange import HttpSession, check_contact
from newsetl.fetch.request_log import RequestLog, format_error
from newsetl.fetch.responses import PreparedRequest, RequestOptions, UnwrapResponse
from newsetl.fetch.retry import is_transient, run_with_retries
from newsetl.fetch.robots import RobotsCache
from newsetl.fetch.throttle import RetryBudget, get_host, get_host_throttle
from newsetl.model import Capture, CaptureKind, Link, Request, Validators
from newsetl.reasons import Reason
from newsetl.sources.config import Source

MAX_REDIRECTS = 5


class Client:
    """Client for the hosts of one source. Not thread-safe.

    Clients of one process share the rate limit of a host.

    Args:
        contact: Mail address or page for the User-Agent. Without it ConfigError is raised, unless the source
            is on a private network, like the mock site on localhost.
        store: Archives a response and returns the capture with its location in the archive.
        validators: ETag and Last-Modified of stored pages by URL, for conditional requests.
        load_stored: Loads the stored page of validators after a 304.
        last_responses: Time of each host's last response in earlier runs (UTC).

    `notes` are messages for the run's summary.
    """

    def __init__(
        self,
        source: Source,
        *,
        contact: str | None,
        store: Callable[[Capture], Capture],
        validators: Mapping[str, Validators] | None = None,
        load_stored: Callable[[Validators], Capture] | None = None,
        last_responses: Mapping[str, datetime] | None = None,
    ) -> None:
        contact = check_contact(contact, is_required=not source.fetch.is_private_allowed)
        self.notes: dict[str, None] = {}
        self.source = source
        self._load_stored = load_stored
        self._validators = dict(validators or {}) if load_stored else {}
        self._retry_budget = RetryBudget()
        self._log = RequestLog(source.slug)
        robots = RobotsCache(lambda url: self.get(url, kind="robots"))
        self._delays = CrawlDelays(source, robots, self._log, self.notes)
        for name, ended_at in (last_responses or {}).items():
            get_host_throttle(name).set_last_response(ended_at)
        self._session = HttpSession(source, contact)
        self._sender = RequestSender(source, self._session, self._log, store)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def get(
        self,
        url: str,
        *,
        kind: CaptureKind,
        link: Link | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        headers: Mapping[str, str] | None = None,
        is_form: bool = False,
        unwrap: UnwrapResponse | None = None,
    ) -> Capture:
        """Request `url`, follow up to five redirects, archive the response and return the capture.

        Args:
            kind: Kind of the page, for the capture and the audit row.
            link: Discovered link of the page, for the capture.
            etag: Validator for a conditional request. An unchanged page is returned with status 304, an
                empty body and no record in the archive. The client's own validators apply if neither
                `etag` nor `last_modified` is given; an unchanged page is then loaded from the archive.
            last_modified: As `etag`.
            headers: Additional headers. With Range only a 206 is accepted, without it no 206.
            is_form: Post the query of `url` as a form.
            unwrap: Converts a successful response before it is archived. If it raises FetchError, nothing
                is archived.

        Raise FetchError with one of these reasons: robots; fetch_failed (no response, a transient status
        after the last attempt, or a URL that must not be requested); not_html and too_large (not archived);
        undecodable; blocked_by_waf; http_status for every other status but 2xx.
        Raise HostUnavailableError if one of the source's own hosts keeps failing, or if its Retry-After is
        longer than fetch.retry_cap.
        """
        stored = self._validators.get(url) if etag is None and last_modified is None else None
        if stored:
            etag, last_modified = stored.etag, stored.last_modified
        options = RequestOptions(kind, link, headers, is_form, unwrap)
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        conditional_headers = {name: value for name, value in validators.items() if value}
        current_url = url
        for _ in range(MAX_REDIRECTS + 1):
            result = self._request(current_url, url, options, conditional_headers)
            if isinstance(result, Capture):
                return self._get_stored(url, kind, stored) if stored and result.status == 304 else result
            # Validators belong to the first URL alone, and a form is posted once.
            current_url, conditional_headers, options = result, {}, replace(options, is_form=False)
        message = f"{url}: more than {MAX_REDIRECTS} redirects, the last one to {current_url}"
        raise TooManyRedirectsError(Reason.HTTP_STATUS, message)

    def _request(
        self, url: str, requested_url: str, options: RequestOptions, conditional_headers: Mapping[str, str]
    ) -> Capture | str:
        """Return the response of `url` alone, or the URL that it redirects to."""
        try:
            url = str(httpx.URL(url))
        except httpx.InvalidURL as error:
            raise FetchError(Reason.FETCH_FAILED, f"{url}: not a valid URL ({error})") from error
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError(Reason.FETCH_FAILED, f"{url}: not an http or https URL")
        host = get_host(url)
        if host in self._retry_budget.abandoned_hosts:
            raise self._build_host_error(host)
        min_delay, cause, crawl_delay = self._delays.get_delay(url, host, options.kind)
        request = PreparedRequest(
            url, host, requested_url, options, conditional_headers, min_delay, cause, crawl_delay
        )
        try:
            result = run_with_retries(
                partial(self._sender.send, request),
                host=host,
                fetch=self.source.fetch,
                retry_budget=self._retry_budget,
            )
        except HostUnavailableError as error:
            self._retry_budget.abandoned_hosts[host] = str(error)
            raise self._build_host_error(host) from error
        except (FetchError, httpx.TransportError, OSError) as error:
            failure = error
            if not isinstance(failure, FetchError):
                failure = FetchError(Reason.FETCH_FAILED, f"{url}: no response ({format_error(error)})")
            if is_transient(error) or failure.reason is Reason.BLOCKED_BY_WAF:
                self._retry_budget.record_failure(host, str(failure))
                if host in self._retry_budget.abandoned_hosts:
                    raise self._build_host_error(host) from error
            else:
                self._retry_budget.record_success(host)
            raise failure from (None if failure is error else error)
        self._retry_budget.record_success(host)
        return result

    def _build_host_error(self, host: str) -> HostUnavailableError | FetchError:
        """Build the error for an abandoned host: only a host of the source itself ends the run."""
        reason = self._retry_budget.abandoned_hosts[host]
        return (
            HostUnavailableError(reason)
            if host in self.source.hosts
            else FetchError(Reason.FETCH_FAILED, reason)
        )

    def _get_stored(self, url: str, kind: CaptureKind, validators: Validators) -> Capture:
        assert self._load_stored
        try:
            return self._load_stored(validators)
        except ArchiveError:
            del self._validators[url]
            return self.get(url, kind=kind)

    def get_host_failure(self, url: str) -> str | None:
        """Return why this run has given up the host of `url`, or None if it has not."""
        return self._retry_budget.abandoned_hosts.get(get_host(url))

    def take_requests(self) -> tuple[Request, ...]:
        """Return the audit rows since the last call, in order, and clear them."""
        return self._log.take()
