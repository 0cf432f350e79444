"""Rejects of URLs that gave no page."""

from __future__ import annotations

from datetime import datetime

from newsetl.errors import FetchError, StageError
from newsetl.model import Reject
from newsetl.sources.config import Source

_BLOCKING = (401, 403, 406, 451)


def refusal(source: Source, url: str, error: StageError, at: datetime, *, is_list: bool = False) -> Reject:
    """What is recorded of an address that gave no page; `is_list` for what discovery asked for."""
    return Reject(
        source=source.slug,
        url=url,
        stage="discover" if is_list else "fetch",
        reason=error.reason,
        message=str(error),
        rejected_at=at,
        capture_id=error.capture.capture_id if isinstance(error, FetchError) and error.capture else None,
    )


def is_blocked(error: StageError) -> bool:
    """Return True if the site refuses us, by the status of its response."""
    capture = error.capture if isinstance(error, FetchError) else None
    return capture is not None and capture.status in _BLOCKING
