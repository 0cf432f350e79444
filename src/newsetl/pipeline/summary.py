"""Summaries of runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from newsetl.db.checks import Finding
from newsetl.model import (
    DiscoveryMethod,
)
from newsetl.reasons import Reason

# What a page that is laid out anew is refused for.
LAYOUT_REASONS = (Reason.UNKNOWN_LAYOUT, Reason.NO_TITLE, Reason.NO_TEXT, Reason.NO_DATE)


MIN_SUSPICIOUS = 3


@dataclass(slots=True)
class RunSummary:
    """What a run of one source did.

    `discovered` articles were listed in the window; `already_loaded` of them needed no visit, `fetched` were
    requested. `repeated` pages are those of an article that was loaded already, unchanged. `blocked` counts
    the site's refusals (401, 403, 406, 451 or the firewall's page), `failed_listings` the pages announcing
    articles that could not be read, `notes` say what a person should know of the hosts and the copy for
    readers, and `findings` what the checks made of the warehouse afterwards.
    """

    source: str
    state: str = "running"
    discovered: int = 0
    new: int = 0
    changed: int = 0
    already_loaded: int = 0
    fetched: int = 0
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
        """What many refusals of one kind say: that we are blocked, or that the site is laid out anew."""
        tried, unread = (
            self.fetched + self.failed_listings,
            sum(self.rejected[reason] for reason in LAYOUT_REASONS),
        )
        if _is_majority(self.blocked, tried):
            return f"blocked? the site refused {self.blocked} of {tried} pages"
        if _is_majority(unread, tried):
            return f"layout changed? {unread} of {tried} pages came without the landmarks that we know"
        return None


def _is_majority(count: int, tried: int) -> bool:
    """At least half, and more than chance; one is enough where no other page was tried."""
    return count == tried > 0 or (count >= MIN_SUSPICIOUS and 2 * count >= tried)


@dataclass(slots=True)
class BackfillSummary(RunSummary):
    """What a backfill did: `days_due` of the window had something left, `days_done` of them are done.

    `articles` were read from pages, `copies` are pages from archives, `lost` ways that failed, by days.
    """

    days: int = 0
    days_due: int = 0
    days_done: int = 0
    articles: int = 0
    archive_copies: int = 0
    failed_methods: Counter[DiscoveryMethod] = field(default_factory=Counter)
