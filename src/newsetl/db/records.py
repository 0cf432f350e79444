"""Rows that the warehouse hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from newsetl.model import DiscoveryMethod
from newsetl.reasons import Reason


@dataclass(frozen=True, slots=True)
class OpenReject:
    """A refusal that is open; `file` and `offset` say where its response is, if there was one."""

    url: str | None
    reason: Reason
    stage: str
    rejected_at: datetime
    capture_id: UUID | None
    file: str | None
    offset: int | None


@dataclass(frozen=True, slots=True)
class CoverageDay:
    """A day of a source's ledger: its state, how many articles it lacks, which ways were asked or failed."""

    state: str
    missing: int
    checked_by: frozenset[DiscoveryMethod]
    failed_by: frozenset[DiscoveryMethod]


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A stored response to a request for an article."""

    capture_id: UUID
    fetched_at: datetime
    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """What was read from a capture: `article` (and its `urls`) only if the article's state is from it.

    `reason` is that of its open refusal, `hashes` are those of title and text.
    """

    article_id: UUID | None
    hashes: tuple[str | None, str | None]
    reason: str | None
    article: dict[str, Any] | None
    urls: tuple[str, ...] | None
    teasers: tuple[dict[str, Any], ...]
