"""Size of a batch in pages and bytes."""

from __future__ import annotations

from newsetl.model import Capture

# One load transaction at most, which is little enough to hold.
BATCH_PAGES, BATCH_BYTES = 1_000, 50_000_000
# A load costs what 300 pages in it do. At a site's pause so many pages are minutes of work, and are loaded.
MIN_LOAD_PAGES, MIN_LOAD_SECONDS = 200, 10.0


def get_memory_size(capture: Capture) -> int:
    """Bytes that the capture holds in memory."""
    return len(capture.payload) + (0 if capture.body is capture.payload else len(capture.body))


def is_batch_full(pages: int, size: int) -> bool:
    """True if a batch of so many pages and bytes is as large as it should get."""
    return pages >= BATCH_PAGES or size >= BATCH_BYTES


def is_due(pages: int, seconds: float) -> bool:
    """True if so many pages, so long after the last load, should be loaded though the batch is not full."""
    return pages >= MIN_LOAD_PAGES and seconds >= MIN_LOAD_SECONDS
