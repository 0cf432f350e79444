"""Records that are read from the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from newsetl.model import DiscoveryMethod
from newsetl.reasons import Reason


@dataclass(frozen=True, slots=True)
class OpenReject:
    """Open reject; `file` and `offset` locate its response in the archive, None without a response."""

    url: str | None
    reason: Reason
    stage: str
    rejected_at: datetime
    capture_id: UUID | None
    file: str | None
    offset: int | None


@dataclass(frozen=True, slots=True)
class CoverageDay:
    """Coverage of one day: state, number of missing articles, methods that were queried or failed."""

    state: str
    missing: int
    checked_by: frozenset[DiscoveryMethod]
    failed_by: frozenset[DiscoveryMethod]


@dataclass(frozen=True, slots=True)
class StoredPage:
    """Stored response to a request for an article."""

    capture_id: UUID
    fetched_at: datetime
    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """Stored parse result of a capture.

    `article` and `urls` are None unless the capture is the newest one of its article. `hashes` are those of
    title and text; `reason` is that of the capture's open reject.
    """

    article_id: UUID | None
    hashes: tuple[str | None, str | None]
    reason: str | None
    article: dict[str, Any] | None
    urls: tuple[str, ...] | None
    teasers: tuple[dict[str, Any], ...]
