"""The one polite client: robots, pause, retries, redirects, limits, and an audit row for every attempt.

What a run asks of a host goes through `Client.get`, which follows redirects by hand. `CrawlDelays` says how
long to wait, `with_retries` is the loop over the attempts at one address, and `Attempts.send` is one request
in the host's turn.
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

from newsetl.errors import ArchiveError, FetchError, HostUnavailableError
from newsetl.fetch.attempt import Attempts
from newsetl.fetch.crawl_delay import CrawlDelays
from newsetl.fetch.exchange import HttpSession, check_contact
from newsetl.fetch.request_log import RequestLog, error_line
from newsetl.fetch.responses import PreparedRequest, RequestOptions, UnwrapResponse
from newsetl.fetch.retry import is_passing, with_retries
from newsetl.fetch.robots import RobotsCache
from newsetl.fetch.throttle import RetryBudget, get_host, get_host_throttle
from newsetl.model import Capture, CaptureKind, Link, Request, Validators
from newsetl.reasons import Reason
from newsetl.sources.config import Source

MAX_REDIRECTS = 5


class Client:
    """Asks the hosts of one source, one request at a time. Not for use by several threads.

    Clients of one process wait for the same clock where they ask the same host. `keep` is handed each
    response that was read and returns it with its place in the archive. `stored` has the pages that
    announce articles and are to be asked for conditionally, which `recall` brings back. `last_asked` says
    when a run before this process had a host's last response. `notes` are what a person should know.
    Raises ConfigError without a `contact`, unless the source is private (a replica on localhost).
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
        self._retry = Attempts(source, self._session, self._log, store)

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
        """The response to `url`, kept, after at most five redirects.

        `headers` are sent besides; with a Range among them only a part (206) will do, without only the
        whole. With `is_form` the query of `url` is posted as a form. `unwrap` makes the capture that is
        kept and returned of a successful response; where it raises FetchError nothing is kept.

        With `etag` or `last_modified` a page that is as it was comes back with status 304, empty and
        not kept. A page in `stored` that is as it was is the stored one.

        Raises FetchError: robots, unreachable (for all attempts, or for an address that is not to be
        asked; what may be over soon), binary and too_large (nothing is kept), undecodable, challenge,
        and http_status for all else but 2xx. Raises HostError if one of the source's own hosts keeps
        failing, or asks to be left alone for longer than a run waits.
        """
        stored = self._validators.get(url) if etag is None and last_modified is None else None
        if stored:
            etag, last_modified = stored.etag, stored.last_modified
        wish = RequestOptions(kind, link, headers, is_form, unwrap)
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        conditions = {name: value for name, value in validators.items() if value}
        here = url
        for _ in range(MAX_REDIRECTS + 1):
            found = self._request(here, url, wish, conditions)
            if isinstance(found, Capture):
                return self._get_stored(url, kind, stored) if stored and found.status == 304 else found
            # The validators are of the first address alone, and a form is posted once.
            here, conditions, wish = found, {}, replace(wish, is_form=False)
        raise FetchError(Reason.HTTP_STATUS, f"more than {MAX_REDIRECTS} redirects, the last one to {here}")

    def _request(
        self, url: str, requested_url: str, options: RequestOptions, conditional_headers: Mapping[str, str]
    ) -> Capture | str:
        """The response of `url` alone, or where it redirects to. Every attempt has its row."""
        try:
            url = str(httpx.URL(url))
        except httpx.InvalidURL as error:
            raise FetchError(Reason.FETCH_FAILED, f"{url}: no address ({error})") from error
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError(Reason.FETCH_FAILED, f"{url}: neither http nor https")
        host = get_host(url)
        if host in self._retry_budget.abandoned_hosts:
            raise self._build_host_error(host)
        min_delay, cause, crawl_delay = self._delays.before(url, host, options.kind)
        ask = PreparedRequest(
            url, host, requested_url, options, conditional_headers, min_delay, cause, crawl_delay
        )
        try:
            found = with_retries(
                partial(self._retry.send, ask),
                host=host,
                fetch=self.source.fetch,
                patience=self._retry_budget,
            )
        except HostUnavailableError as error:
            self._retry_budget.abandoned_hosts[host] = str(error)
            raise self._build_host_error(host) from error
        except (FetchError, httpx.TransportError, OSError) as error:
            failure = error
            if not isinstance(failure, FetchError):
                failure = FetchError(Reason.FETCH_FAILED, f"{url}: no answer ({error_line(error)})")
            if is_passing(error) or failure.reason is Reason.BLOCKED_BY_WAF:
                self._retry_budget.record_failure(host, str(failure))
                if host in self._retry_budget.abandoned_hosts:
                    raise self._build_host_error(host) from error
            else:
                self._retry_budget.record_success(host)
            raise failure from (None if failure is error else error)
        self._retry_budget.record_success(host)
        return found

    def _build_host_error(self, host: str) -> HostUnavailableError | FetchError:
        """What to raise of a host that is left: without one of the source's own the run is over."""
        why = self._retry_budget.abandoned_hosts[host]
        return (
            HostUnavailableError(why) if host in self.source.hosts else FetchError(Reason.FETCH_FAILED, why)
        )

    def _get_stored(self, url: str, kind: CaptureKind, validators: Validators) -> Capture:
        assert self._load_stored
        try:
            return self._load_stored(validators)
        except ArchiveError:
            del self._validators[url]
            return self.get(url, kind=kind)

    def get_host_failure(self, url: str) -> str | None:
        """Why this run asks the host of `url` no more; None if it does."""
        return self._retry_budget.abandoned_hosts.get(get_host(url))

    def take_requests(self) -> tuple[Request, ...]:
        """The attempts since the last call, in order; they are forgotten here."""
        return self._log.take()
