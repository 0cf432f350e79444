"""Size of a batch in pages and bytes."""

from __future__ import annotations

from newsetl.model import Capture

# One load transaction at most, which is little enough to hold.
BATCH_PAGES, BATCH_BYTES = 1_000, 50_000_000
# A load costs what 300 pages in it do. At a site's pause so many pages are minutes of work, and are loaded.
SOME_PAGES, SOME_SECONDS = 200, 10.0


def weight(capture: Capture) -> int:
    """Bytes that the capture holds in memory."""
    return len(capture.payload) + (0 if capture.body is capture.payload else len(capture.body))


def is_full(pages: int, held: int) -> bool:
    """True if a batch of so many pages and bytes is as large as it should get."""
    return pages >= BATCH_PAGES or held >= BATCH_BYTES


def is_due(pages: int, seconds: float) -> bool:
    """True if so many pages, so long after the last load, should be loaded though the batch is not full."""
    return pages >= SOME_PAGES and seconds >= SOME_SECONDS
