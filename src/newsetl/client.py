"""The one polite client: robots, pause, retries, redirects, limits, and an audit row for every attempt.

What a run asks of a host goes through `Client.get`: it follows redirects by hand, `_ask` is the loop
over the attempts at one address, and `_attempt` is one request in the host's turn.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential_jitter

from newsetl import politeness
from newsetl.answers import Ask, Unwrap, Wish, capture_of, page_in, refusal
from newsetl.coding import decoded
from newsetl.errors import ArchiveError, FetchError, HostError
from newsetl.exchange import Exchange, Wire, checked_contact
from newsetl.model import Capture, CaptureKind, Link, Reason, Request, Validators, WaitedFor
from newsetl.politeness import PASSING, Patience, host_at, host_of
from newsetl.robots import RobotsFiles
from newsetl.sources import Source

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
        keep: Callable[[Capture], Capture],
        stored: Mapping[str, Validators] | None = None,
        recall: Callable[[Validators], Capture] | None = None,
        last_asked: Mapping[str, datetime] | None = None,
    ) -> None:
        contact = checked_contact(contact, is_needed=not source.fetch.is_private_allowed)
        self.notes: dict[str, None] = {}
        self.source = source
        self._keep, self._recall = keep, recall
        self._stored = dict(stored or {}) if recall else {}
        self._started = time.monotonic()
        self._patience = Patience()
        self._robots = RobotsFiles(lambda url: self.get(url, why="robots"))
        self._requests: list[Request] = []
        for name, ended_at in (last_asked or {}).items():
            host_at(name).was_asked(ended_at)
        self._wire = Wire(source, contact)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.close()

    def take_requests(self) -> tuple[Request, ...]:
        """The attempts since the last call, in order; they are forgotten here."""
        taken, self._requests = tuple(self._requests), []
        return taken

    def get(
        self,
        url: str,
        *,
        why: CaptureKind,
        link: Link | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        headers: Mapping[str, str] | None = None,
        is_form: bool = False,
        unwrap: Unwrap | None = None,
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
        stored = self._stored.get(url) if etag is None and last_modified is None else None
        if stored:
            etag, last_modified = stored.etag, stored.last_modified
        wish = Wish(why, link, headers, is_form, unwrap)
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        conditions = {name: value for name, value in validators.items() if value}
        here = url
        for _ in range(MAX_REDIRECTS + 1):
            found = self._ask(here, url, wish, conditions)
            if isinstance(found, Capture):
                return self._recalled(url, why, stored) if stored and found.status == 304 else found
            # The validators are of the first address alone, and a form is posted once.
            here, conditions, wish = found, {}, replace(wish, is_form=False)
        raise FetchError(Reason.HTTP_STATUS, f"more than {MAX_REDIRECTS} redirects, the last one to {here}")

    def left(self, url: str) -> str | None:
        """Why this run asks the host of `url` no more; None if it does."""
        return self._patience.left.get(host_of(url))

    def _recalled(self, url: str, why: CaptureKind, stored: Validators) -> Capture:
        assert self._recall
        try:
            return self._recall(stored)
        except ArchiveError:
            del self._stored[url]
            return self.get(url, why=why)

    def _ask(self, url: str, requested_url: str, wish: Wish, conditions: Mapping[str, str]) -> Capture | str:
        """The response of `url` alone, or where it redirects to. Every attempt has its row."""
        try:
            url = str(httpx.URL(url))
        except httpx.InvalidURL as error:
            raise FetchError(Reason.UNREACHABLE, f"{url}: no address ({error})") from error
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError(Reason.UNREACHABLE, f"{url}: neither http nor https")
        host = host_of(url)
        if host in self._patience.left:
            raise self._leaving(host)
        pause, cause, crawl_delay = self._pace(url, host, wish.why)
        ask = Ask(url, host, requested_url, wish, conditions, pause, cause, crawl_delay)
        try:
            found = self._attempts(ask)
        except HostError as error:
            self._patience.left[host] = str(error)
            raise self._leaving(host) from error
        except (FetchError, httpx.TransportError, OSError) as error:
            failure = error
            if not isinstance(failure, FetchError):
                failure = FetchError(Reason.UNREACHABLE, f"{url}: no answer ({_line(error)})")
            if _is_passing(error) or failure.reason is Reason.CHALLENGE:
                self._patience.failed(host, str(failure))
                if host in self._patience.left:
                    raise self._leaving(host) from error
            else:
                self._patience.answered(host)
            raise failure from (None if failure is error else error)
        self._patience.answered(host)
        return found

    def _attempts(self, ask: Ask) -> Capture | str:
        """What the first attempt brings that does not fail in passing, or the failure of the last one."""
        fetch, not_before = self.source.fetch, -math.inf

        def is_last(state: RetryCallState) -> bool:
            return state.attempt_number > fetch.retries or not self._patience.may_retry(ask.host)

        def wait_in_turn(seconds: float) -> None:
            # The host's clock does the waiting, so that it knows what for.
            nonlocal not_before
            not_before = time.monotonic() + seconds

        attempts = Retrying(
            retry=retry_if_exception(_is_passing),
            stop=is_last,
            wait=wait_exponential_jitter(
                multiplier=fetch.backoff, max=politeness.MAX_BACKOFF, jitter=fetch.backoff
            ),
            sleep=wait_in_turn,
            reraise=True,
        )
        for attempt in attempts:
            with attempt:
                return self._attempt(ask, attempt.retry_state.attempt_number, not_before)
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, ask: Ask, number: int, not_before: float) -> Capture | str:
        host, came = host_at(ask.host), Exchange()
        with host.turn(
            pause=ask.pause,
            cause=ask.cause,
            not_before=not_before,
            cap=self.source.fetch.retry_cap,
            since=self._started,
        ) as wait:
            row = replace(
                self._row(ask.url, ask.wish.why, attempt=number),
                waited=wait.seconds,
                waited_for=wait.cause,
                pause=ask.pause,
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
                self._requests.append(_ended(row, started, came, _line(error)))
                raise
            finally:
                if came.retry_after is not None:
                    host.close_for(came.retry_after)
            row = _ended(row, started, came, None)
        if came.location is not None:
            self._requests.append(row)
            return came.location
        if came.status == 304 and ask.conditions:
            self._requests.append(row)
            return capture_of(self.source, ask, row, came, b"")
        return self._kept(ask, row, came)

    def _kept(self, ask: Ask, row: Request, came: Exchange) -> Capture:
        undecodable, body = None, b""
        try:
            body = decoded(came.headers, bytes(came.payload), limit=self.source.fetch.max_bytes)
        except FetchError as error:
            if error.reason is Reason.TOO_LARGE:
                self._requests.append(replace(row, error=str(error)))
                raise
            undecodable = error
        capture = capture_of(self.source, ask, row, came, body)
        is_page = 200 <= capture.status < 300
        try:
            if is_page and not undecodable:
                capture = page_in(capture, ask.wish)
        except FetchError as error:
            self._requests.append(replace(row, error=str(error)))
            raise
        self._requests.append(
            replace(row, capture_id=capture.capture_id, error=str(undecodable) if undecodable else None)
        )
        try:
            capture = self._keep(capture)
        except ArchiveError as error:
            self._requests[-1] = replace(self._requests[-1], capture_id=None, error=str(error))
            raise
        if not is_page:
            raise refusal(self.source, capture)
        if undecodable:
            raise FetchError(undecodable.reason, str(undecodable), capture)
        return capture

    def _leaving(self, host: str) -> HostError | FetchError:
        """What to raise of a host that is left: without one of the source's own the run is over."""
        why = self._patience.left[host]
        return HostError(why) if host in self.source.hosts else FetchError(Reason.UNREACHABLE, why)

    def _pace(self, url: str, host: str, why: CaptureKind) -> tuple[float, WaitedFor, float | None]:
        """The pause before `url`, the reason for it, and the host's Crawl-delay.

        Raises FetchError: robots if robots.txt forbids it, unreachable if it cannot be read.
        """
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        pause = self.source.pauses.get(host, self.source.fetch.pause)
        robots = self._robots.known(origin) if why == "robots" else self._robots.of(origin)
        if robots and why != "robots" and (verdict := robots.verdict(url)):
            row = replace(self._row(url, why, attempt=1), is_allowed=False, error=f"robots.txt {verdict}")
            self._requests.append(row)
            reason = Reason.UNREACHABLE if robots.rules is None else Reason.ROBOTS
            raise FetchError(reason, f"{url}: the robots.txt of {host} {verdict}")
        delay = robots.crawl_delay if robots else None
        if delay is None or not delay > pause:
            return pause, "pause", delay
        kept_to = max(pause, min(delay, politeness.MAX_CRAWL_DELAY))
        if kept_to < delay:
            note = f"{host} asks for {delay:g} s between requests (Crawl-delay); we keep to {kept_to:g} s"
            self.notes[note] = None
        return kept_to, "crawl-delay", delay

    def _row(self, url: str, why: CaptureKind, *, attempt: int) -> Request:
        return Request(
            source=self.source.slug,
            url=url,
            host=host_of(url),
            why=why,
            requested_at=datetime.now(UTC),
            status=None,
            waited=0.0,
            elapsed=0.0,
            size=0,
            is_allowed=True,
            attempt=attempt,
        )


def _is_passing(error: BaseException) -> bool:
    """True for what another attempt may mend."""
    if isinstance(error, FetchError):
        return error.capture is not None and error.capture.status in PASSING
    return isinstance(error, (httpx.TransportError, OSError))


def _ended(row: Request, started: float, came: Exchange, error: str | None) -> Request:
    return replace(
        row,
        status=came.status,
        elapsed=time.monotonic() - started,
        size=len(came.payload),
        retry_after=came.retry_after,
        error=error,
    )


def _line(error: BaseException) -> str:
    return str(error) if isinstance(error, FetchError) else f"{type(error).__name__}: {error}"
