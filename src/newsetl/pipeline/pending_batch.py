"""The captures, outcomes and requests that wait for the next load."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from newsetl.model import Article, Batch, Capture, DiscoveredLink, DiscoveryQuery, Reject, Request
from newsetl.pipeline.batch_size import get_memory_size

T = TypeVar("T")


@dataclass(slots=True)
class PendingBatch:
    """What has come of a source since the last load; `held` is its size in bytes."""

    source: str
    captures: list[Capture] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    discovered_links: list[DiscoveredLink] = field(default_factory=list)
    discovery_queries: list[DiscoveryQuery] = field(default_factory=list)
    held: int = 0

    def add_capture(self, capture: Capture) -> None:
        """Add a capture that is in the archive."""
        self.captures.append(capture)
        self.held += get_memory_size(capture)

    def add_outcome(self, outcome: Article | Reject) -> None:
        """Add what a page became."""
        if isinstance(outcome, Reject):
            self.rejects.append(outcome)
        else:
            self.articles.append(outcome)
            self.held += len(outcome.text)

    def split(self, first_unread: Capture | None) -> tuple[Batch, PendingBatch]:
        """Return the batch to load, and what is left for the next one.

        Captures from `first_unread` on are left, with the requests from its own on.
        """
        captures, later = self.captures, self.captures[:0]
        asked, unasked = self.requests, self.requests[:0]
        if first_unread:
            capture_id = first_unread.capture_id
            captures, later = _parted(captures, lambda each: each.capture_id == capture_id)
            asked, unasked = _parted(asked, lambda each: each.capture_id == capture_id)
        batch = Batch(
            self.source,
            tuple(captures),
            tuple(self.articles),
            tuple(self.rejects),
            tuple(asked),
            tuple(self.discovered_links),
            tuple(self.discovery_queries),
        )
        left = PendingBatch(
            self.source, captures=later, requests=unasked, held=sum(map(get_memory_size, later))
        )
        return batch, left


def _parted(some: list[T], is_first: Callable[[T], bool]) -> tuple[list[T], list[T]]:
    """What stands before the first that is one, and the rest."""
    at = next((index for index, each in enumerate(some) if is_first(each)), len(some))
    return some[:at], some[at:]
