"""Crawl state in the warehouse: loaded URLs, due rejects, validators and operator overrides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from newsetl.db.records import CoverageDay, OpenReject, StoredOutcome, StoredPage
from newsetl.db.session import Session
from newsetl.model import Link, Validators
from newsetl.reasons import Reason

# Time since the last full response after which a request has no validators.
VALIDATORS_TTL = timedelta(days=30)


class CrawlState:
    """Crawl state of the sources, which a run reads before discovery."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get_known_urls(self, source: str, *, due_before: datetime, is_wanted: bool = False) -> frozenset[str]:
        """Return URLs that need no fetch: of articles fetched from the site, and of open rejects.

        Rejects that are due at `due_before` are left out; if `is_wanted`, all rejects are left out except
        permanent ones.
        """
        rows = self._session.run(
            "crawl_state/known_urls", source=source, due_before=due_before, is_wanted=is_wanted
        )
        return frozenset(url for (url,) in rows)

    def get_known_archive_copies(self, source: str) -> frozenset[str]:
        """Return the web archives' URLs of copies that are stored."""
        return frozenset(url for (url,) in self._session.run("crawl_state/known_copies", source=source))

    def find_due_links(self, source: str, *, now: datetime) -> tuple[Link, ...]:
        """Return rejected URLs of daily runs that are due for a retry, as the links were discovered."""
        rows = self._session.run("crawl_state/due_links", source=source, now=now)
        return tuple(
            Link(source, url, discovered_from, title, section)
            for url, discovered_from, title, section in rows
        )

    def list_listings(self, source: str, *, since: datetime) -> tuple[str, ...]:
        """Return the first pages of listings that were read since then and have no open reject."""
        return tuple(
            url for (url,) in self._session.run("crawl_state/read_listings", source=source, since=since)
        )

    def find_recent_articles(
        self, source: str, *, since: date, requested_before: datetime
    ) -> dict[Link, Validators | None]:
        """Return articles published since that day and last requested before the given time.

        The values are the validators for a conditional request, None if there are none.
        """
        rows = self._session.run(
            "crawl_state/recent_articles",
            source=source,
            since=since,
            requested_before=requested_before,
            validators_since=requested_before - VALIDATORS_TTL,
        )
        return {
            Link(source, url, url, section=section): Validators(etag, last_modified, file, offset)
            if file and (etag or last_modified)
            else None
            for url, section, etag, last_modified, file, offset in rows
        }

    def get_last_incremental_start(self, source: str) -> date | None:
        """Return the day of the source's last complete daily run or of a later reset; None without any."""
        ((day,),) = self._session.run("crawl_state/incremental_since", source=source)
        return cast("date | None", day)

    def add_override(
        self, source: str, *, made_at: datetime, start_on: date | None = None, url: str | None = None
    ) -> None:
        """Record that the next daily run starts at `start_on`, or that it fetches `url` again."""
        kind = "reset" if url is None else "refetch"
        self._session.run_all(
            ("crawl_state/operator_overrides_insert",),
            source=source,
            kind=kind,
            start_on=start_on,
            url=url,
            made_at=made_at,
        )

    def list_overrides(self) -> tuple[dict[str, Any], ...]:
        """Return all operator overrides, the oldest first, as arguments of `add_override`."""
        names = ("source", "start_on", "url", "made_at")
        return tuple(
            dict(zip(names, row, strict=True))
            for row in self._session.run("crawl_state/operator_overrides_all")
        )

    def get_coverage_days(self, source: str) -> dict[date, CoverageDay]:
        """Return day → coverage of the day."""
        return {
            day: CoverageDay(state, missing, frozenset(checked_by), frozenset(failed_by))
            for day, state, missing, checked_by, failed_by in self._session.run(
                "coverage/coverage_days", source=source
            )
        }

    def get_validators(self, source: str, *, now: datetime) -> dict[str, Validators]:
        """Return URL → validators of listings, sitemaps and feeds that support conditional requests.

        Validators expire: a server may answer 304 for ever, so each page is requested in full once a month.
        """
        return {
            url: Validators(*row)
            for url, *row in self._session.run(
                "crawl_state/known_validators", source=source, since=now - VALIDATORS_TTL
            )
        }

    def get_last_responses(self, *, now: datetime) -> dict[str, datetime]:
        """Return host → end of its last response, for hosts that were requested in the last hour."""
        return dict(self._session.run("crawl_state/last_requests", now=now))

    def find_loaded_captures(self, capture_ids: Iterable[UUID]) -> frozenset[UUID]:
        """Return those of the captures that are loaded."""
        rows = self._session.find(capture_ids, "batch/captures_lookup")
        return frozenset(capture_id for capture_id, _ in rows)

    def list_captures(self) -> frozenset[UUID]:
        """Return all captures with a record in the archive."""
        return frozenset(capture_id for (capture_id,) in self._session.run("reprocess/captures_all"))

    def list_open_rejects(self, source: str) -> tuple[OpenReject, ...]:
        """Return the source's open rejects, the oldest first."""
        return tuple(
            OpenReject(url, Reason(reason), *rest)
            for url, reason, *rest in self._session.run("reprocess/rejects_open", source=source)
        )

    def list_pages(self, source: str) -> tuple[StoredPage, ...]:
        """Return the source's captures that can be parsed, in archive order."""
        return tuple(StoredPage(*row) for row in self._session.run("reprocess/captures_pages", source=source))

    def get_stored_outcomes(self, capture_ids: Iterable[UUID]) -> dict[UUID, StoredOutcome]:
        """Return capture id → stored parse result."""
        rows = self._session.find(capture_ids, "reprocess/parse_results_lookup")
        return {
            capture_id: StoredOutcome(article_id, (title_hash, text_hash), *rest)
            for capture_id, article_id, title_hash, text_hash, *rest in rows
        }
