"""Captures, outcomes and requests that wait for the next load."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from newsetl.model import Article, Batch, Capture, DiscoveredLink, DiscoveryQuery, Reject, Request
from newsetl.pipeline.batch_size import get_memory_size

T = TypeVar("T")


@dataclass(slots=True)
class PendingBatch:
    """Data of one source since the last load; `size_bytes` is its size in memory."""

    source: str
    captures: list[Capture] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    discovered_links: list[DiscoveredLink] = field(default_factory=list)
    discovery_queries: list[DiscoveryQuery] = field(default_factory=list)
    size_bytes: int = 0

    def add_capture(self, capture: Capture) -> None:
        """Add a capture that is in the archive."""
        self.captures.append(capture)
        self.size_bytes += get_memory_size(capture)

    def add_outcome(self, outcome: Article | Reject) -> None:
        """Add the article or reject of a page."""
        if isinstance(outcome, Reject):
            self.rejects.append(outcome)
        else:
            self.articles.append(outcome)
            self.size_bytes += len(outcome.text)

    def split(self, first_unparsed: Capture | None) -> tuple[Batch, PendingBatch]:
        """Return the batch to load, and the rest for the next one.

        The rest has the captures from `first_unparsed` on, and the requests from its own request on.
        """
        captures, later_captures = self.captures, self.captures[:0]
        requests, later_requests = self.requests, self.requests[:0]
        if first_unparsed:
            capture_id = first_unparsed.capture_id
            captures, later_captures = _split_at(captures, lambda each: each.capture_id == capture_id)
            requests, later_requests = _split_at(requests, lambda each: each.capture_id == capture_id)
        batch = Batch(
            self.source,
            tuple(captures),
            tuple(self.articles),
            tuple(self.rejects),
            tuple(requests),
            tuple(self.discovered_links),
            tuple(self.discovery_queries),
        )
        rest = PendingBatch(
            self.source,
            captures=later_captures,
            requests=later_requests,
            size_bytes=sum(map(get_memory_size, later_captures)),
        )
        return batch, rest


def _split_at(items: list[T], is_first: Callable[[T], bool]) -> tuple[list[T], list[T]]:
    """Split the list before the first item for which `is_first` is true."""
    at = next((index for index, item in enumerate(items) if is_first(item)), len(items))
    return items[:at], items[at:]
