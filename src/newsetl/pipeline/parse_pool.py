"""Pages are read beside the run that fetches them, once reading is what the run waits for.

At a site's pause a page is read while the host is left alone, and nothing is gained by a process more. Where
nobody has to be spared (a replica, a mirror, an archive) reading is half of the work, and other processors
can do it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from newsetl.model import Article, Capture, Reject
from newsetl.runtime.process_pool import Crew, cores

# So many pages are read here first: a worker costs half a second to start, as much as reading that many.
ALONE = 120
# The part of a run's time that reading must take before it is worth a process.
SHARE = 0.25
# What a worker is handed at once: much less, and it waits for the next more than it reads.
PAGES, BYTES = 16, 1_000_000

Outcome = Article | Reject
Work = Callable[[tuple[Capture, ...]], tuple[Outcome, ...]]


@dataclass(slots=True)
class _Some:
    """Pages that are read together; the last of them are still being gathered if nobody reads them yet."""

    captures: list[Capture] = field(default_factory=list)
    held: int = 0
    outcomes: Future[tuple[Outcome, ...]] | None = None

    @property
    def is_done(self) -> bool:
        return self.outcomes is not None and self.outcomes.done()


class Readers:
    """Reads pages with `work`, here or in workers; outcomes come in the order in which pages went in.

    `work`, a function of a module, never raises. There is a worker for each processor but the one that this
    process has, which reads too when it must wait. Not for use by several threads.
    """

    def __init__(self, work: Work) -> None:
        self._work, self._width = work, cores() - 1
        self._alone, self._reading, self._since = 0, 0.0, time.monotonic()
        self._waiting: deque[_Some | Outcome] = deque()
        # How many outcomes have not been taken.
        self.waiting = 0
        self._crew: Crew[tuple[Capture, ...], tuple[Outcome, ...]] | None = None
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        """No worker is left; what was not asked for is dropped."""
        if self._threads and self._crew:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._crew.end()
        self._threads = self._crew = None

    @property
    def first(self) -> Capture | None:
        """The first page whose outcome has not been taken."""
        return next((some.captures[0] for some in self._waiting if isinstance(some, _Some)), None)

    def put(self, capture: Capture) -> None:
        """The page is read, now or soon."""
        self.waiting += 1
        if self._threads is None and not self._is_worth_workers():
            started = time.perf_counter()
            done: Future[tuple[Outcome, ...]] = Future()
            done.set_result(self._work((capture,)))
            self._waiting.append(_Some([capture], outcomes=done))
            self._reading += time.perf_counter() - started
            self._alone += 1
            return
        if self._threads is None:
            self._crew = Crew(self._work)
            self._threads = ThreadPoolExecutor(self._width, thread_name_prefix="reader")
        last = self._waiting[-1] if self._waiting else None
        if not isinstance(last, _Some) or last.outcomes:
            last = _Some()
            self._waiting.append(last)
        last.captures.append(capture)
        last.held += len(capture.payload) + len(capture.body)
        if len(last.captures) >= PAGES or last.held >= BYTES:
            self._hand_out(last)

    def put_known(self, outcome: Outcome) -> None:
        """An outcome that needs no reading, in its place."""
        self.waiting += 1
        self._waiting.append(outcome)

    def take(self, *, left: int | None = None) -> Iterator[Outcome]:
        """The outcomes that are there, in order; with `left`, waits until at most so many are missing."""
        while self._waiting:
            first = self._waiting[0]
            if not isinstance(first, _Some):
                outcomes: tuple[Outcome, ...] = (first,)
            elif first.is_done or (left is not None and self.waiting > left):
                outcomes = self._read(first)
            else:
                return
            self._waiting.popleft()
            self.waiting -= len(outcomes)
            yield from outcomes

    def _read(self, some: _Some) -> tuple[Outcome, ...]:
        while not some.is_done and (idle := self._taken_back()):
            idle.outcomes = Future()
            idle.outcomes.set_result(self._work(tuple(idle.captures)))
        assert some.outcomes
        try:
            return some.outcomes.result()
        except Exception:  # a worker died: as if there had been none
            return self._work(tuple(some.captures))

    def _taken_back(self) -> _Some | None:
        """Pages that nobody has begun to read, the last that there are."""
        for some in reversed(self._waiting):
            if isinstance(some, _Some) and (some.outcomes is None or some.outcomes.cancel()):
                return some
        return None

    def _hand_out(self, some: _Some) -> None:
        assert self._threads
        assert self._crew
        some.outcomes = self._threads.submit(self._crew.do, tuple(some.captures))

    def _is_worth_workers(self) -> bool:
        if self._width < 1 or self._alone < ALONE:
            return False
        return self._reading >= SHARE * (time.monotonic() - self._since)
