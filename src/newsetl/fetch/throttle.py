"""What we owe a host: its turn, its pause, the time it asks to be left alone, and an end to our patience.

A `Host` belongs to the process: whoever asks the same host, for whatever source, waits for the same
clock. `Patience` belongs to one run: how often it may try again, and when it gives a host up.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from newsetl.errors import HostUnavailableError
from newsetl.model import WaitCause

# What may be over in seconds; any other refusal is asked for once.
TRANSIENT_STATUSES = frozenset({429, 500, 502, 503, 504})
# Seconds: a Crawl-delay beyond it is read as it, or a slip in a robots.txt would stop the run for good.
MAX_CRAWL_DELAY = 120.0
# Seconds between two attempts at one address: a site that needs longer says so with Retry-After.
MAX_BACKOFF = 30.0
# A run that needs more second attempts than these has met a fault that waiting seconds does not mend.
HOST_RETRIES = 20
RUN_RETRIES = 60
# A backfill of years meets more passing faults than a daily run, and is no worse for it.
RESPONSES_PER_RETRY = 20
# One page may be broken for ever and two by chance; so many addresses in a row are the host.
MAX_CONSECUTIVE_FAILURES = 5


class Wait(NamedTuple):
    """How long a request waited, in seconds, and for what."""

    seconds: float = 0.0
    cause: WaitCause | None = None


class HostThrottle:
    """When one host may be asked: by one of us at a time, and not before its time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._slot_lock = threading.Lock()
        self._free_at = -math.inf
        self._blocked_until = self._blocked_at = -math.inf

    def set_last_response(self, ended_at: datetime) -> None:
        """A run before this process had its last response then."""
        age = max(0.0, (datetime.now(UTC) - ended_at).total_seconds())
        self._free_at = max(self._free_at, time.monotonic() - age)

    @contextmanager
    def acquire(
        self,
        *,
        min_delay: float,
        cause: WaitCause,
        not_before: float,
        max_retry_after: float,
        run_started: float,
    ) -> Iterator[Wait]:
        """Holds the host from the moment it may be asked; the block asks and reads the response.

        `not_before` is the caller's own backoff and `since` the start of its run, both on the monotonic
        clock. Raises HostError if the host has asked, in the time of the run, to be left alone for
        longer than `cap` seconds.
        """
        started = time.monotonic()
        is_contended = not self._slot_lock.acquire(blocking=False)
        if is_contended:
            self._slot_lock.acquire()
        try:
            now = time.monotonic()
            closed_for = self._blocked_until - now
            if closed_for > max_retry_after and self._blocked_at >= run_started:
                asked = _format_seconds(self._blocked_until - self._blocked_at)
                raise HostUnavailableError(
                    f"{self.name} asks to be left alone for {asked} (Retry-After); a run waits "
                    f"{max_retry_after:g} s at most"
                )
            dues: list[tuple[float, WaitCause]] = [
                (self._free_at + min_delay, cause),
                (not_before, "backoff"),
            ]
            if closed_for <= max_retry_after:
                dues.append((self._blocked_until, "retry-after"))
            due, why = max(dues)
            if due > now:
                time.sleep(due - now)
            elif is_contended:
                why = "host-busy"
            has_waited = due > now or is_contended
            try:
                yield Wait(time.monotonic() - started, why) if has_waited else Wait()
            finally:
                self._free_at = time.monotonic()
        finally:
            self._slot_lock.release()

    def block_for(self, seconds: float) -> None:
        """The host asks to be left alone; to be called in its turn. Its last word counts."""
        self._blocked_at = time.monotonic()
        self._blocked_until = self._blocked_at + seconds


_hosts: dict[str, HostThrottle] = {}
_hosts_lock = threading.Lock()


def get_host_throttle(name: str) -> HostThrottle:
    """The one Host of that name in this process."""
    with _hosts_lock:
        return _hosts.setdefault(name, HostThrottle(name))


def get_host(url: str) -> str:
    """The host that an address is asked of, with its port if it is not the usual one."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2]


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from now that a Retry-After asks for (RFC 9110, 10.2.3); None if it is absent or no time.

    A date is counted from the response's own Date, so that a wrong clock on either side does not matter.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    until, now = _parse_http_date(text), _parse_http_date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds()) if until else None


def _parse_http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _format_seconds(count: float) -> str:
    return f"{count:.0f} s" if count < 1e9 else "ever"


@dataclass(slots=True)
class RetryBudget:
    """How often a run still tries again, and which hosts it has given up, each with the reason."""

    abandoned_hosts: dict[str, str] = field(default_factory=dict)
    _retries: Counter[str] = field(default_factory=Counter)
    _failures: Counter[str] = field(default_factory=Counter)
    _successes: Counter[str] = field(default_factory=Counter)

    def take_retry(self, host: str) -> bool:
        """True if one more attempt is within the budgets; it is then spent."""
        if self._retries[host] >= HOST_RETRIES or self._retries.total() >= RUN_RETRIES:
            return False
        self._retries[host] += 1
        return True

    def record_success(self, host: str) -> None:
        """The host works: failures are counted anew, and some answers give a retry back."""
        self._failures[host] = 0
        self._successes[host] += 1
        if self._successes[host] % RESPONSES_PER_RETRY == 0 and self._retries[host]:
            self._retries[host] -= 1

    def record_failure(self, host: str, error: str) -> None:
        """An address brought nothing, for all attempts; with too many of them in a row the host is left."""
        self._failures[host] += 1
        if self._failures[host] >= MAX_CONSECUTIVE_FAILURES:
            self.abandoned_hosts[host] = (
                f"{host} failed for {MAX_CONSECUTIVE_FAILURES} addresses in a row, the last time: {error}"
            )
