"""What the warehouse knows that a run goes by: loaded URLs, due rejects, validators, overrides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from newsetl.db.records import CoverageDay, OpenReject, StoredOutcome, StoredPage
from newsetl.db.session import Session
from newsetl.model import Link, Validators
from newsetl.reasons import Reason


class CrawlState:
    """State of the crawl, read before discovery, and the operator's overrides of it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def known_urls(self, source: str, *, due_before: datetime, is_wanted: bool = False) -> frozenset[str]:
        """Addresses that need no fetch: those of articles that the site has given us, and refused ones.

        Refused ones are left out if they are due at `due_before`, or if they are wanted and not hopeless.
        """
        found = self._session.run(
            "crawl_state/known_urls", source=source, due_before=due_before, is_wanted=is_wanted
        )
        return frozenset(url for (url,) in found)

    def known_archive_copies(self, source: str) -> frozenset[str]:
        """Addresses in archives whose copies are here."""
        return frozenset(url for (url,) in self._session.run("crawl_state/known_copies", source=source))

    def due_links(self, source: str, *, now: datetime) -> tuple[Link, ...]:
        """Refused addresses that the daily run has met and that are due again, as they were announced."""
        found = self._session.run("crawl_state/due_links", source=source, now=now)
        return tuple(
            Link(source, url, discovered_from, title, section)
            for url, discovered_from, title, section in found
        )

    def listings(self, source: str, *, since: datetime) -> tuple[str, ...]:
        """The listings that were read since then and are not refused now, by their first pages."""
        return tuple(
            url for (url,) in self._session.run("crawl_state/read_listings", source=source, since=since)
        )

    def recent_articles(
        self, source: str, *, since: date, asked_before: datetime
    ) -> dict[Link, Validators | None]:
        """Articles since that day which the site was not asked for since then, and what to ask with."""
        found = self._session.run(
            "crawl_state/recent_articles", source=source, since=since, asked_before=asked_before
        )
        return {
            Link(source, url, url, section=section): Validators(etag, last_modified, file, offset)
            if file and (etag or last_modified)
            else None
            for url, section, etag, last_modified, file, offset in found
        }

    def last_incremental_start(self, source: str) -> date | None:
        """The day at which the source's last daily run began, or was sent back to; None before any."""
        ((day,),) = self._session.run("crawl_state/incremental_since", source=source)
        return cast("date | None", day)

    def add_override(
        self, source: str, *, made_at: datetime, start_on: date | None = None, url: str | None = None
    ) -> None:
        """Sends the next daily run back to a day, or makes it forget an address."""
        kind = "reset" if url is None else "refetch"
        self._session.run_all(
            ("crawl_state/operator_overrides_insert",),
            source=source,
            kind=kind,
            start_on=start_on,
            url=url,
            made_at=made_at,
        )

    def operator_overrides(self) -> tuple[dict[str, Any], ...]:
        """Every intervention, as `intervene` takes it."""
        names = ("source", "start_on", "url", "made_at")
        return tuple(
            dict(zip(names, row, strict=True))
            for row in self._session.run("crawl_state/operator_overrides_all")
        )

    def days(self, source: str) -> dict[date, CoverageDay]:
        """Day → how it stands in the ledger."""
        return {
            day: CoverageDay(state, missing, frozenset(checked_by), frozenset(failed_by))
            for day, state, missing, checked_by, failed_by in self._session.run(
                "coverage/coverage_days", source=source
            )
        }

    def validators(self, source: str) -> dict[str, Validators]:
        """Address → what to ask with, for the pages that announce articles and can be asked conditionally."""
        return {
            url: Validators(*row)
            for url, *row in self._session.run("crawl_state/known_validators", source=source)
        }

    def last_responses(self, *, now: datetime) -> dict[str, datetime]:
        """Host → when its last response ended, if that was within the hour."""
        return dict(self._session.run("crawl_state/last_requests", now=now))

    def find_loaded_captures(self, capture_ids: Iterable[UUID]) -> frozenset[UUID]:
        """Those of the captures that are here."""
        found = self._session.find(capture_ids, "batch/captures_lookup")
        return frozenset(capture_id for capture_id, _ in found)

    def list_captures(self) -> frozenset[UUID]:
        """All captures that the archive is said to hold."""
        return frozenset(capture_id for (capture_id,) in self._session.run("reprocess/captures_all"))

    def open_rejects(self, source: str) -> tuple[OpenReject, ...]:
        """The source's refusals that are open, the oldest first."""
        return tuple(
            OpenReject(url, Reason(reason), *rest)
            for url, reason, *rest in self._session.run("reprocess/rejects_open", source=source)
        )

    def pages(self, source: str) -> tuple[StoredPage, ...]:
        """The source's captures that a parser can read, in the order of the archive."""
        return tuple(StoredPage(*row) for row in self._session.run("reprocess/captures_pages", source=source))

    def stored_outcomes(self, capture_ids: Iterable[UUID]) -> dict[UUID, StoredOutcome]:
        """What was read from each of the captures, as it stands here."""
        found = self._session.find(capture_ids, "reprocess/readings_lookup")
        return {
            capture_id: StoredOutcome(article_id, (title_hash, text_hash), *rest)
            for capture_id, article_id, title_hash, text_hash, *rest in found
        }
