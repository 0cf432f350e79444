"""Per-host rate limiter and per-run retry budget.

A `HostThrottle` belongs to the process: all sources share the rate limit of a host. A `RetryBudget` belongs
to one run: it limits the retries and decides when the run abandons a host.
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
from typing import NamedTuple
from urllib.parse import urlsplit

from newsetl.errors import HostUnavailableError
from newsetl.model import WaitCause
from newsetl.text.mail_dates import parse_mail_date

# Statuses that may be over in seconds; a request with any other error status is not repeated.
TRANSIENT_STATUSES = frozenset({429, 500, 502, 503, 504})
# Seconds: a longer Crawl-delay is cut to this, or a typo in a robots.txt would stop the run.
MAX_CRAWL_DELAY = 120.0
# Seconds between two attempts at one URL: a site that needs longer sends Retry-After.
MAX_BACKOFF = 30.0
# More retries than these in one run mean a failure that is not transient.
HOST_RETRIES = 20
RUN_RETRIES = 60
# Successful responses that restore one retry: a long backfill meets more transient failures.
RESPONSES_PER_RETRY = 20
# One or two broken pages are normal; this many failed URLs in a row mean the host itself fails.
MAX_CONSECUTIVE_FAILURES = 5


class Wait(NamedTuple):
    """Time that a request waited, in seconds, and the cause."""

    seconds: float = 0.0
    cause: WaitCause | None = None


class HostThrottle:
    """Rate limiter of one host: one request at a time, and a minimum delay between two."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._slot_lock = threading.Lock()
        self._free_at = -math.inf
        self._blocked_until = self._blocked_at = -math.inf

    def set_last_response(self, ended_at: datetime) -> None:
        """Record the end of the last response that an earlier process received (UTC)."""
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
        """Wait until the host may be requested, and hold it while the block sends and reads.

        `not_before` is the end of the caller's backoff and `run_started` the start of its run, both on the
        monotonic clock (s). `min_delay` and `max_retry_after` are in seconds. Raise HostUnavailableError if
        the host has sent a Retry-After above `max_retry_after` since `run_started`.
        """
        started = time.monotonic()
        is_contended = not self._slot_lock.acquire(blocking=False)
        if is_contended:
            self._slot_lock.acquire()
        try:
            now = time.monotonic()
            blocked_seconds = self._blocked_until - now
            if blocked_seconds > max_retry_after and self._blocked_at >= run_started:
                requested = _format_seconds(self._blocked_until - self._blocked_at)
                raise HostUnavailableError(
                    f"{self.name}: Retry-After of {requested} is longer than {max_retry_after:g} s; "
                    "run again later or raise fetch.retry_cap"
                )
            start_times: list[tuple[float, WaitCause]] = [
                (self._free_at + min_delay, cause),
                (not_before, "backoff"),
            ]
            if blocked_seconds <= max_retry_after:
                start_times.append((self._blocked_until, "retry-after"))
            start, wait_cause = max(start_times)
            if start > now:
                time.sleep(start - now)
            elif is_contended:
                wait_cause = "host-busy"
            has_waited = start > now or is_contended
            try:
                yield Wait(time.monotonic() - started, wait_cause) if has_waited else Wait()
            finally:
                self._free_at = time.monotonic()
        finally:
            self._slot_lock.release()

    def block_for(self, seconds: float) -> None:
        """Apply a Retry-After of the host; the last one counts. Call it while the host is held."""
        self._blocked_at = time.monotonic()
        self._blocked_until = self._blocked_at + seconds


_hosts: dict[str, HostThrottle] = {}
_hosts_lock = threading.Lock()


def get_host_throttle(name: str) -> HostThrottle:
    """Return this process's throttle of the host."""
    with _hosts_lock:
        return _hosts.setdefault(name, HostThrottle(name))


def get_host(url: str) -> str:
    """Return the host of a URL, with the port if the URL has one."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2]


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After (RFC 9110, 10.2.3), or None if it is absent or invalid.

    A date is compared with the response's own Date, so a wrong clock on either side does not matter.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    until, now = parse_mail_date(text), parse_mail_date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds()) if until else None


def _format_seconds(count: float) -> str:
    return f"{count:.0f} s" if count < 1e9 else "infinity"


@dataclass(slots=True)
class RetryBudget:
    """Retries that a run has left, and the hosts that it has abandoned, each with the reason."""

    abandoned_hosts: dict[str, str] = field(default_factory=dict)
    _retries: Counter[str] = field(default_factory=Counter)
    _failures: Counter[str] = field(default_factory=Counter)
    _successes: Counter[str] = field(default_factory=Counter)

    def take_retry(self, host: str) -> bool:
        """Use one retry and return True, or return False if the host's or the run's retries are used up."""
        if self._retries[host] >= HOST_RETRIES or self._retries.total() >= RUN_RETRIES:
            return False
        self._retries[host] += 1
        return True

    def record_success(self, host: str) -> None:
        """Reset the host's failures; after every RESPONSES_PER_RETRY responses restore one retry."""
        self._failures[host] = 0
        self._successes[host] += 1
        if self._successes[host] % RESPONSES_PER_RETRY == 0 and self._retries[host]:
            self._retries[host] -= 1

    def record_failure(self, host: str, error: str) -> None:
        """Record a URL whose last attempt failed, and abandon the host after too many in a row."""
        self._failures[host] += 1
        if self._failures[host] >= MAX_CONSECUTIVE_FAILURES:
            self.abandoned_hosts[host] = (
                f"{host}: {MAX_CONSECUTIVE_FAILURES} URLs failed in a row; the last error: {error}"
            )
