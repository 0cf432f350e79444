"""Size of a batch in pages and bytes."""

from __future__ import annotations

from newsetl.model import Capture

# Upper limits of one load transaction, small enough for memory.
BATCH_PAGES, BATCH_BYTES = 1_000, 50_000_000
# A load costs as much as 300 of its pages. At a site's minimum delay 200 pages are minutes of work.
MIN_LOAD_PAGES, MIN_LOAD_SECONDS = 200, 10.0


def get_memory_size(capture: Capture) -> int:
    """Return the bytes that the capture uses in memory."""
    return len(capture.payload) + (0 if capture.body is capture.payload else len(capture.body))


def is_batch_full(pages: int, size: int) -> bool:
    """Return True if a batch of so many pages and bytes has reached its maximum size."""
    return pages >= BATCH_PAGES or size >= BATCH_BYTES


def is_due(pages: int, seconds: float) -> bool:
    """Return True if a batch that is not full should be loaded, by its pages and the seconds since a load."""
    return pages >= MIN_LOAD_PAGES and seconds >= MIN_LOAD_SECONDS
