"""Pool of processes that parse pages while the run fetches the next ones.

With a site's minimum delay, the run has time to parse a page between two requests, and more processes gain
nothing. Without a delay (the mock site, a mirror, an archive) parsing is half of the work, and other
processes can do it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from newsetl.model import Article, Capture, Reject
from newsetl.runtime.process_pool import ProcessPool

# Pages and bytes of one chunk. With fewer, a worker waits longer for the next chunk than it parses.
CHUNK_PAGES, CHUNK_BYTES = 16, 1_000_000

Outcome = Article | Reject
ParseFunction = Callable[[tuple[Capture, ...]], tuple[Outcome, ...]]


@dataclass(slots=True)
class _PageChunk:
    """Pages that one worker parses together; `outcomes` is None until a worker has the chunk."""

    captures: list[Capture] = field(default_factory=list)
    size: int = 0
    outcomes: Future[tuple[Outcome, ...]] | None = None

    @property
    def is_done(self) -> bool:
        return self.outcomes is not None and self.outcomes.done()

    @property
    def is_full(self) -> bool:
        return len(self.captures) >= CHUNK_PAGES or self.size >= CHUNK_BYTES


class ParsePool:
    """Pool that parses pages with `function` and yields the outcomes in the order of the pages.

    With one worker, this process parses each page at once. With more, worker processes parse full chunks of
    pages, and this process parses a chunk that does not fill up. The first worker starts with the page after
    the first chunk. `function` belongs to a module and never raises. The pool is not thread-safe.
    """

    def __init__(self, function: ParseFunction, workers: int = 1) -> None:
        self._function, self._worker_count = function, workers
        self._queue: deque[_PageChunk | Outcome] = deque()
        # Number of outcomes that are not collected yet.
        self.pending = 0
        self._process_pool: ProcessPool[tuple[Capture, ...], tuple[Outcome, ...]] | None = None
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> ParsePool:
        return self

    def __exit__(self, *_: object) -> None:
        """Shut the workers down and drop the pages that are not parsed."""
        if self._threads and self._process_pool:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._process_pool.shut_down()
        self._threads = self._process_pool = None

    @property
    def first_pending(self) -> Capture | None:
        """First page whose outcome is not collected yet."""
        return next((item.captures[0] for item in self._queue if isinstance(item, _PageChunk)), None)

    def submit(self, capture: Capture) -> None:
        """Parse the page, now or in a worker."""
        if self._worker_count == 1:
            for outcome in self._function((capture,)):
                self.add_outcome(outcome)
            return
        self.pending += 1
        last = self._queue[-1] if self._queue else None
        if isinstance(last, _PageChunk) and last.is_full and not last.outcomes:
            self._dispatch(last)
        if not isinstance(last, _PageChunk) or last.outcomes:
            last = _PageChunk()
            self._queue.append(last)
        last.captures.append(capture)
        last.size += len(capture.payload) + len(capture.body)

    def add_outcome(self, outcome: Outcome) -> None:
        """Add an outcome that needs no parsing, in the order of the pages."""
        self.pending += 1
        self._queue.append(outcome)

    def collect(self, *, max_pending: int | None = None) -> Iterator[Outcome]:
        """Yield the available outcomes in order. Wait until at most `max_pending` are missing, if given."""
        while self._queue:
            first = self._queue[0]
            if not isinstance(first, _PageChunk):
                outcomes: tuple[Outcome, ...] = (first,)
            elif first.is_done or (max_pending is not None and self.pending > max_pending):
                outcomes = self._wait_for(first)
            else:
                return
            self._queue.popleft()
            self.pending -= len(outcomes)
            yield from outcomes

    def _dispatch(self, chunk: _PageChunk) -> None:
        if not (self._threads and self._process_pool):
            self._process_pool = ProcessPool(self._function)
            self._threads = ThreadPoolExecutor(self._worker_count, thread_name_prefix="parse")
        chunk.outcomes = self._threads.submit(self._process_pool.run, tuple(chunk.captures))

    def _wait_for(self, chunk: _PageChunk) -> tuple[Outcome, ...]:
        if chunk.outcomes:
            try:
                return chunk.outcomes.result()
            except Exception:  # a worker died, so this process parses its pages
                pass
        return self._function(tuple(chunk.captures))
