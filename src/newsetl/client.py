"""The one polite httpx client: robots, pause, redirects, limits, and an audit row for every attempt.

What a run asks of a host goes through `Client.get`: it follows redirects by hand, `_ask` is the loop
over the attempts at one address, and `_attempt` is one request.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urldefrag, urljoin, urlsplit
from uuid import uuid4

import httpx
from protego import Protego

from newsetl import __version__
from newsetl.coding import charset_of, decoded
from newsetl.errors import ConfigError, FetchError
from newsetl.model import Capture, CaptureKind, Link, Reason, Request
from newsetl.sources import Source

ROBOT = "newsetl"
ATTEMPTS = 2
MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# A whole response may take as many times the source's timeout; a host that drips is left then.
PATIENCE = 4
# Seconds: a Crawl-delay beyond it is read as it, or a slip in a robots.txt would stop the run for good.
MAX_CRAWL_DELAY = 120.0


@dataclass(frozen=True, slots=True)
class _Answer:
    """A response as read: its audit row, and the address it redirects to, if it does."""

    row: Request
    headers: tuple[tuple[str, str], ...]
    payload: bytes
    location: str | None


class Client:
    """Asks the hosts of one source, one request at a time. Not for use by several threads.

    `keep` is handed each response that was read and returns it with its place in the archive.
    Raises ConfigError without a `contact`, unless the source is private (a replica on localhost).
    """

    def __init__(self, source: Source, *, contact: str | None, keep: Callable[[Capture], Capture]) -> None:
        contact = (contact or "").strip()
        if not contact and not source.fetch.is_private_allowed:
            raise ConfigError(
                "who is asking? set NEWSETL_CONTACT or --contact to a mail address or a page "
                "where the site can reach you"
            )
        if not contact.isascii() or not contact.isprintable():
            raise ConfigError(f"the contact {contact!r} must be plain ASCII: a mail address or a page")
        self._source, self._keep = source, keep
        self._free_at: dict[str, float] = {}
        self._robots: dict[str, Protego | FetchError] = {}
        self._requests: list[Request] = []
        self._http = httpx.Client(
            headers={
                "User-Agent": f"{ROBOT}/{__version__}" + (f" (+{contact})" if contact else ""),
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5",
                "Accept-Language": source.language,
            },
            timeout=source.fetch.timeout,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def take_requests(self) -> tuple[Request, ...]:
        """The attempts since the last call, in order; they are forgotten here."""
        taken, self._requests = tuple(self._requests), []
        return taken

    def get(self, url: str, *, why: CaptureKind, link: Link | None = None) -> Capture:
        """The response to `url`, kept, after at most five redirects.

        Raises FetchError: robots, unreachable (after a second attempt, or for an address that is not
        to be asked), too_large (nothing is kept), undecodable, challenge, and http_status for all but
        2xx. The last three carry the capture.
        """
        here = url
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._ask(here, why)
            if answer.location is None:
                return self._kept(url, answer, link)
            self._requests.append(answer.row)
            here = answer.location
        raise FetchError(Reason.HTTP_STATUS, f"more than {MAX_REDIRECTS} redirects, the last one to {here}")

    def _kept(self, requested_url: str, answer: _Answer, link: Link | None) -> Capture:
        row, headers, undecodable, body = answer.row, answer.headers, None, b""
        try:
            body = decoded(headers, answer.payload, limit=self._source.fetch.max_bytes)
        except FetchError as error:
            if error.reason is Reason.TOO_LARGE:
                self._requests.append(replace(row, error=str(error)))
                raise
            undecodable = error
        assert row.status is not None
        capture = Capture(
            capture_id=uuid4(),
            source=self._source.slug,
            kind=row.why,
            requested_url=requested_url,
            url=row.url,
            fetched_at=row.requested_at,
            status=row.status,
            headers=headers,
            charset=charset_of(headers),
            payload=answer.payload,
            body=body,
            link=link,
        )
        self._requests.append(
            replace(row, capture_id=capture.capture_id, error=str(undecodable) if undecodable else None)
        )
        capture = self._keep(capture)
        if not 200 <= capture.status < 300:
            raise self._refusal(capture)
        if undecodable:
            raise FetchError(undecodable.reason, str(undecodable), capture)
        return capture

    def _refusal(self, capture: Capture) -> FetchError:
        marks = self._source.read.challenge_marks
        if capture.status in (403, 406, 412) and any(mark.encode() in capture.body for mark in marks):
            message = f"{capture.status} and the firewall's page: the site does not let us in"
            return FetchError(Reason.CHALLENGE, message, capture)
        return FetchError(Reason.HTTP_STATUS, f"{capture.status} from {capture.url}", capture)

    def _ask(self, url: str, why: CaptureKind) -> _Answer:
        """The answer to `url` alone, redirect or not. Every attempt that brought none has its row."""
        try:
            url = str(httpx.URL(url))
        except httpx.InvalidURL as error:
            raise FetchError(Reason.UNREACHABLE, f"{url}: no address ({error})") from error
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FetchError(Reason.UNREACHABLE, f"{url}: neither http nor https")
        pause = self._source.fetch.pause
        if why != "robots":
            rules = self._rules(f"{parts.scheme}://{parts.netloc}")
            if isinstance(rules, FetchError) or not rules.can_fetch(url, ROBOT):
                self._requests.append(self._row(url, why, is_allowed=False))
                verdict = f"cannot be read ({rules})" if isinstance(rules, FetchError) else "forbids it"
                raise FetchError(Reason.ROBOTS, f"{url}: the robots.txt of {parts.netloc} {verdict}")
            pause = max(pause, min(rules.crawl_delay(ROBOT) or 0.0, MAX_CRAWL_DELAY))
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._attempt(url, why, pause, attempt)
            except (httpx.TransportError, OSError) as error:
                failure = error
        raise FetchError(Reason.UNREACHABLE, f"{url}: no answer ({_line(failure)})") from failure

    def _attempt(self, url: str, why: CaptureKind, pause: float, attempt: int) -> _Answer:
        """One request, read to its end, with its pause before it."""
        host = urlsplit(url).netloc
        waited = self._wait(host, pause)
        row = self._row(url, why, waited=waited, attempt=attempt)
        started = time.monotonic()
        limit, latest = self._source.fetch.max_bytes, started + PATIENCE * self._source.fetch.timeout
        status, payload, location = None, bytearray(), None
        try:
            self._check_address(url)
            with self._http.stream("GET", url) as response:
                status = response.status_code
                headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in response.headers.raw)
                if status in REDIRECTS and (there := response.headers.get("location")):
                    location = _joined(url, there)
                else:
                    for chunk in response.iter_raw():
                        payload += chunk
                        if len(payload) > limit:
                            raise FetchError(Reason.TOO_LARGE, f"{url}: larger than {limit} bytes")
                        if time.monotonic() > latest:
                            raise httpx.ReadTimeout(f"not complete after {latest - started:g} s")
        except (FetchError, httpx.TransportError, OSError) as error:
            self._requests.append(_ended(row, started, status, len(payload), _line(error)))
            raise
        finally:
            self._free_at[host] = time.monotonic()
        return _Answer(_ended(row, started, status, len(payload), None), headers, bytes(payload), location)

    def _wait(self, host: str, pause: float) -> float:
        """Sleeps until `pause` seconds after the end of the host's last response; the seconds slept."""
        if host not in self._free_at:
            return 0.0
        seconds = max(0.0, self._free_at[host] + pause - time.monotonic())
        time.sleep(seconds)
        return seconds

    def _rules(self, origin: str) -> Protego | FetchError:
        """The robots.txt of `origin`, or why nothing is allowed; none there (4xx) allows all.

        RFC 9309, 2.3.1.
        """
        if origin not in self._robots:
            try:
                text = self.get(f"{origin}/robots.txt", why="robots").body.decode("utf-8-sig", "replace")
                self._robots[origin] = Protego.parse(text)
            except FetchError as error:
                is_absent = error.capture is not None and 400 <= error.capture.status < 500
                self._robots[origin] = Protego.parse("") if is_absent else error
        return self._robots[origin]

    def _check_address(self, url: str) -> None:
        """Raises FetchError if the host of `url` has an address that is not of the public internet.

        A private source may ask its own network, but link-local addresses (169.254.169.254) never.
        """
        parts = urlsplit(url)
        try:
            found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
        except (UnicodeError, ValueError) as error:
            raise FetchError(Reason.UNREACHABLE, f"{url}: no such host ({error})") from error
        for *_, place in found:
            address = ipaddress.ip_address(str(place[0]).partition("%")[0])
            address = getattr(address, "ipv4_mapped", None) or address
            is_private_allowed = self._source.fetch.is_private_allowed and not address.is_link_local
            if not address.is_global and not is_private_allowed:
                raise FetchError(Reason.UNREACHABLE, f"{url}: {address} is no public address, so not asked")

    def _row(
        self, url: str, why: CaptureKind, *, waited: float = 0.0, attempt: int = 1, is_allowed: bool = True
    ) -> Request:
        return Request(
            source=self._source.slug,
            url=url,
            host=urlsplit(url).netloc,
            why=why,
            requested_at=datetime.now(UTC),
            status=None,
            waited=waited,
            elapsed=0.0,
            size=0,
            is_allowed=is_allowed,
            attempt=attempt,
            error=None if is_allowed else "robots",
        )


def _ended(row: Request, started: float, status: int | None, size: int, error: str | None) -> Request:
    return replace(row, status=status, elapsed=time.monotonic() - started, size=size, error=error)


def _joined(url: str, location: str) -> str:
    try:
        return urldefrag(urljoin(url, location)).url
    except ValueError as error:
        raise FetchError(Reason.HTTP_STATUS, f"{url}: redirects to {location!r}, no address") from error


def _line(error: Exception) -> str:
    return str(error) if isinstance(error, FetchError) else f"{type(error).__name__}: {error}"
