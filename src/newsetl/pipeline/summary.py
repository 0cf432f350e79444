"""Summaries of runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from newsetl.db.checks import Finding
from newsetl.model import (
    DiscoveryMethod,
)
from newsetl.reasons import Reason

# Reasons for which pages are rejected after a change of the site's layout.
LAYOUT_REASONS = (Reason.UNKNOWN_LAYOUT, Reason.NO_TITLE, Reason.NO_TEXT, Reason.NO_DATE)


MIN_SUSPICIOUS = 3


@dataclass(slots=True)
class RunSummary:
    """Summary of a run of one source.

    `discovered` article URLs were found in the window; `already_loaded` of them needed no request, `fetched`
    were requested, and `articles` were parsed from pages. `duplicate_urls` are pages of an unchanged article
    that was already loaded. `blocked` counts responses 401, 403, 406, 451 and WAF pages, `failed_listings`
    the listings, feeds and sitemaps that could not be fetched. `notes` are messages on hosts and publishing,
    `findings` the results of the checks.
    """

    source: str
    state: str = "running"
    discovered: int = 0
    new: int = 0
    changed: int = 0
    already_loaded: int = 0
    fetched: int = 0
    articles: int = 0
    duplicate_urls: int = 0
    rejected: Counter[Reason] = field(default_factory=Counter)
    seconds: float = 0.0
    error: str | None = None
    blocked: int = 0
    failed_listings: int = 0
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def warning(self) -> str | None:
        """Return a warning if most pages are blocked, or rejected as after a change of layout."""
        tried, unparsed = (
            self.fetched + self.failed_listings,
            sum(self.rejected[reason] for reason in LAYOUT_REASONS),
        )
        if _is_majority(self.blocked, tried):
            return f"possibly blocked: the site rejected {self.blocked} of {tried} requests"
        if _is_majority(unparsed, tried):
            return f"possible layout change: {unparsed} of {tried} pages lack the known labels"
        return None


def _is_majority(count: int, tried: int) -> bool:
    """Return True for at least half of the pages and at least MIN_SUSPICIOUS, or for all of them."""
    return count == tried > 0 or (count >= MIN_SUSPICIOUS and 2 * count >= tried)


@dataclass(slots=True)
class BackfillSummary(RunSummary):
    """Summary of a backfill: `days` in the window, `days_due` of them incomplete, `days_done` finished.

    `archive_copies` are pages from web archives, and `failed_methods` counts the failed days by discovery
    method.
    """

    days: int = 0
    days_due: int = 0
    days_done: int = 0
    archive_copies: int = 0
    failed_methods: Counter[DiscoveryMethod] = field(default_factory=Counter)
