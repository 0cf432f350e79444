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
from newsetl.runtime.process_pool import ProcessPool, count_cores

# So many pages are read here first: a worker costs half a second to start, as much as reading that many.
MIN_PAGES = 120
# The part of a run's time that reading must take before it is worth a process.
MIN_PARSE_SHARE = 0.25
# What a worker is handed at once: much less, and it waits for the next more than it reads.
CHUNK_PAGES, CHUNK_BYTES = 16, 1_000_000

Outcome = Article | Reject
ParseFunction = Callable[[tuple[Capture, ...]], tuple[Outcome, ...]]


@dataclass(slots=True)
class _PageChunk:
    """Pages that are read together; the last of them are still being gathered if nobody reads them yet."""

    captures: list[Capture] = field(default_factory=list)
    size: int = 0
    outcomes: Future[tuple[Outcome, ...]] | None = None

    @property
    def is_done(self) -> bool:
        return self.outcomes is not None and self.outcomes.done()


class ParsePool:
    """Reads pages with `work`, here or in workers; outcomes come in the order in which pages went in.

    `work`, a function of a module, never raises. There is a worker for each processor but the one that this
    process has, which reads too when it must wait. Not for use by several threads.
    """

    def __init__(self, function: ParseFunction) -> None:
        self._function, self._worker_count = function, count_cores() - 1
        self._parsed_here, self._parse_seconds, self._started = 0, 0.0, time.monotonic()
        self._waiting: deque[_PageChunk | Outcome] = deque()
        # How many outcomes have not been taken.
        self.pending = 0
        self._process_pool: ProcessPool[tuple[Capture, ...], tuple[Outcome, ...]] | None = None
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> ParsePool:
        return self

    def __exit__(self, *_: object) -> None:
        """No worker is left; what was not asked for is dropped."""
        if self._threads and self._process_pool:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._process_pool.shut_down()
        self._threads = self._process_pool = None

    @property
    def first_pending(self) -> Capture | None:
        """The first page whose outcome has not been taken."""
        return next((some.captures[0] for some in self._waiting if isinstance(some, _PageChunk)), None)

    def submit(self, capture: Capture) -> None:
        """The page is read, now or soon."""
        self.pending += 1
        if self._threads is None and not self._is_worth_workers():
            started = time.perf_counter()
            done: Future[tuple[Outcome, ...]] = Future()
            done.set_result(self._function((capture,)))
            self._waiting.append(_PageChunk([capture], outcomes=done))
            self._parse_seconds += time.perf_counter() - started
            self._parsed_here += 1
            return
        if self._threads is None:
            self._process_pool = ProcessPool(self._function)
            self._threads = ThreadPoolExecutor(self._worker_count, thread_name_prefix="reader")
        last = self._waiting[-1] if self._waiting else None
        if not isinstance(last, _PageChunk) or last.outcomes:
            last = _PageChunk()
            self._waiting.append(last)
        last.captures.append(capture)
        last.size += len(capture.payload) + len(capture.body)
        if len(last.captures) >= CHUNK_PAGES or last.size >= CHUNK_BYTES:
            self._dispatch(last)

    def add_outcome(self, outcome: Outcome) -> None:
        """An outcome that needs no reading, in its place."""
        self.pending += 1
        self._waiting.append(outcome)

    def collect(self, *, max_pending: int | None = None) -> Iterator[Outcome]:
        """The outcomes that are there, in order; with `left`, waits until at most so many are missing."""
        while self._waiting:
            first = self._waiting[0]
            if not isinstance(first, _PageChunk):
                outcomes: tuple[Outcome, ...] = (first,)
            elif first.is_done or (max_pending is not None and self.pending > max_pending):
                outcomes = self._wait_for(first)
            else:
                return
            self._waiting.popleft()
            self.pending -= len(outcomes)
            yield from outcomes

    def _wait_for(self, chunk: _PageChunk) -> tuple[Outcome, ...]:
        while not chunk.is_done and (idle := self._reclaim()):
            idle.outcomes = Future()
            idle.outcomes.set_result(self._function(tuple(idle.captures)))
        assert chunk.outcomes
        try:
            return chunk.outcomes.result()
        except Exception:  # a worker died: as if there had been none
            return self._function(tuple(chunk.captures))

    def _reclaim(self) -> _PageChunk | None:
        """Pages that nobody has begun to read, the last that there are."""
        for some in reversed(self._waiting):
            if isinstance(some, _PageChunk) and (some.outcomes is None or some.outcomes.cancel()):
                return some
        return None

    def _dispatch(self, chunk: _PageChunk) -> None:
        assert self._threads
        assert self._process_pool
        chunk.outcomes = self._threads.submit(self._process_pool.run, tuple(chunk.captures))

    def _is_worth_workers(self) -> bool:
        if self._worker_count < 1 or self._parsed_here < MIN_PAGES:
            return False
        return self._parse_seconds >= MIN_PARSE_SHARE * (time.monotonic() - self._started)
