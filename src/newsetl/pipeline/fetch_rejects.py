"""Rejects of URLs that could not be fetched."""

from __future__ import annotations

from datetime import datetime

from newsetl.errors import FetchError, StageError
from newsetl.model import Reject
from newsetl.sources.config import Source

_BLOCKED_STATUSES = (401, 403, 406, 451)


def build_reject(
    source: Source, url: str, error: StageError, at: datetime, *, is_listing: bool = False
) -> Reject:
    """Build the reject of a URL that could not be fetched; `is_listing` for requests of discovery."""
    return Reject(
        source=source.slug,
        url=url,
        stage="discover" if is_listing else "fetch",
        reason=error.reason,
        message=str(error),
        rejected_at=at,
        capture_id=error.capture.capture_id if isinstance(error, FetchError) and error.capture else None,
    )


def is_blocked(error: StageError) -> bool:
    """Return True if the status of the response says that the site blocks this client."""
    capture = error.capture if isinstance(error, FetchError) else None
    return capture is not None and capture.status in _BLOCKED_STATUSES
