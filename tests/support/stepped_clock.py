"""A clock whose time passes only where somebody sleeps, for waits that no busy machine can change."""

from __future__ import annotations

import math
import threading
import time as real
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from newsetl.fetch import attempt, request_log, retry, robots, throttle

# Longer than any wait of a test; it only ends a hang.
LIMIT = 120.0


class SteppedClock:
    """A stand-in for the module `time` and the class `datetime`: `sleep` steps the clock and returns at once.

    With `naps` each sleep takes so many real seconds, however far it steps the clock. With `ticks` each look
    at the time of day takes so many seconds of this clock, so that no two are the same.
    """

    def __init__(self, *, naps: float = 0.0, ticks: float = 0.0) -> None:
        # Whole microseconds, as in a datetime: so no pause is a fraction too short.
        self._now, self._naps, self._ticks = 1_000_000_000, naps, ticks
        self._started = datetime.now(UTC) - timedelta(microseconds=self._now)
        self._condition = threading.Condition()
        self._threads: set[int] = set()

    def monotonic(self) -> float:
        """Return the seconds that were slept so far, from 1000 on."""
        with self._condition:
            self._threads.add(threading.get_ident())
            self._condition.notify_all()
            return self._now / 1e6

    def now(self, zone: tzinfo) -> datetime:
        """Return the time of day: when the clock was made, and what was slept since."""
        with self._condition:
            self._now += round(self._ticks * 1e6)
        return (self._started + timedelta(microseconds=self._now)).astimezone(zone)

    def sleep(self, seconds: float) -> None:
        """Step the clock by so many seconds."""
        real.sleep(self._naps)
        with self._condition:
            self._now += math.ceil(seconds * 1e6 - 1e-3)

    def wait_for_threads(self, *threads: threading.Thread) -> None:
        """Block until each of the threads has read the clock. Raise TimeoutError after LIMIT seconds."""
        due = real.monotonic() + LIMIT
        with self._condition:
            while not self._threads >= {thread.ident for thread in threads}:
                if not self._condition.wait(due - real.monotonic()):
                    raise TimeoutError("a thread has not read the clock")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SteppedClock:
    """Make the client, its hosts and its robots.txt files read a stepped clock; no host was asked before."""
    stepped = SteppedClock()
    for module in (attempt, request_log, retry, robots, throttle):
        monkeypatch.setattr(module, "time", stepped)
    for module in (request_log, throttle):
        monkeypatch.setattr(module, "datetime", stepped)
    monkeypatch.setattr(throttle, "_hosts", {})
    return stepped
