"""The only place where the stages meet, and the only one that catches what they raise."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from newsetl import __version__
from newsetl.archive import Archive
from newsetl.archive import read as read_stored
from newsetl.client import Client
from newsetl.discover import Discovery
from newsetl.errors import ArchiveError, DiscoverError, FetchError, HostError, NormaliseError, StageError
from newsetl.fetch import fetch
from newsetl.load import Warehouse
from newsetl.model import Article, Batch, Capture, Reason, Reject, Request, Window
from newsetl.normalise import normalise
from newsetl.parse import parse
from newsetl.sources import Source

# Pages in one load transaction: some seconds of work at a site's pause, and little enough to hold.
BATCH_PAGES = 200
# What a page that is laid out anew is refused for.
UNREAD = (Reason.NO_LANDMARKS, Reason.NO_TITLE, Reason.NO_TEXT, Reason.NO_DATE)
BLOCKING = (401, 403, 406, 451)
MANY = 3


@dataclass(slots=True)
class Summary:
    """What a run of one source did.

    `found` articles were announced in the window; `known` of them needed no visit, `fetched` were asked
    for. `repeated` pages are those of an article that was loaded already, unchanged. `blocked` counts the
    site's refusals (401, 403, 406, 451 or the firewall's page), `lost_listings` the pages announcing
    articles that could not be read, and `notes` say what a person should know of the hosts.
    """

    source: str
    state: str = "running"
    found: int = 0
    new: int = 0
    changed: int = 0
    known: int = 0
    fetched: int = 0
    repeated: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)
    seconds: float = 0.0
    error: str | None = None
    blocked: int = 0
    lost_listings: int = 0
    notes: tuple[str, ...] = ()

    @property
    def suspicion(self) -> str | None:
        """What many refusals of one kind say: that we are blocked, or that the site is laid out anew."""
        tried, unread = self.fetched + self.lost_listings, sum(self.refused[reason] for reason in UNREAD)
        if _are_many(self.blocked, tried):
            return f"blocked? the site refused {self.blocked} of {tried} pages"
        if _are_many(unread, tried):
            return f"layout changed? {unread} of {tried} pages came without the landmarks that we know"
        return None


def _are_many(count: int, tried: int) -> bool:
    """At least half, and more than chance; one is enough where no other page was tried."""
    return count == tried > 0 or (count >= MANY and 2 * count >= tried)


def read(capture: Capture, source: Source, *, rejected_at: datetime | None = None) -> Article | Reject:
    """The article in `capture`, or why there is none. Never raises: a defect of ours is a reject too."""
    reason: Reason
    stage: Literal["parse", "normalise"] = "parse"
    try:
        return normalise(parse(capture, source), source, capture)
    except StageError as error:
        reason, message = error.reason, str(error)
        stage = "normalise" if isinstance(error, NormaliseError) else "parse"
    except Exception as error:  # the page is kept and listed, whatever we did wrong with it
        reason, message = Reason.INTERNAL, f"{type(error).__name__}: {error}"
    return Reject(
        source=source.slug,
        url=capture.requested_url or None,
        stage=stage,
        reason=reason,
        message=message,
        rejected_at=rejected_at or capture.fetched_at,
        capture_id=capture.capture_id,
    )


def look(url: str, source: Source, *, contact: str | None, clock: Callable[[], datetime]) -> Article | Reject:
    """The article at `url`, fetched as politely as in a run, with nothing kept. Raises ConfigError."""
    with Client(source, contact=contact, keep=lambda capture: capture) as client:
        try:
            return read(client.get(url, why="article"), source)
        except FetchError as error:
            return _refusal(source, url, error, clock())
        except HostError as error:
            return _refusal(source, url, FetchError(Reason.UNREACHABLE, str(error)), clock())


def ingest(
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    clock: Callable[[], datetime],
    contact: str | None = None,
    window: Window | None = None,
    on_progress: Callable[[Summary], None] = lambda _: None,
) -> Summary:
    """Find, fetch, keep, read and load what `source` has published in `window` and the warehouse lacks.

    `on_progress` is called after each page. What was fetched is loaded even if the run is stopped. A
    source that is down or sends us away, or an archive that cannot be written, ends the run as failed;
    what it announced and we did not get stays due. Raises ConfigError
    and WarehouseError, which no source can mend.
    """
    window = window or Window()
    started_at, started = clock(), time.monotonic()
    summary = Summary(source.slug)
    gathered = _Gathered(source.slug)
    with (
        Archive(archive_folder, started_at=started_at, software=f"newsetl/{__version__}") as archive,
        Client(
            source,
            contact=contact,
            keep=lambda capture: gathered.keep(archive.store(capture)),
            stored=warehouse.validators(source.slug),
            recall=lambda page: read_stored(archive_folder, page.file, page.offset),
            last_asked=warehouse.last_asked(now=started_at),
        ) as client,
    ):
        warehouse.register_source(source)
        known = warehouse.known_urls(source.slug, now=started_at)
        is_unfinished = warehouse.is_unfinished(source.slug, now=started_at)
        run_id = warehouse.start_run(source.slug, kind="ingest", window=window, started_at=started_at)

        def refuse(reject: Reject, error: StageError | None = None) -> None:
            summary.refused[reject.reason] += 1
            answer = error.capture if isinstance(error, FetchError) else None
            is_blocked = answer is not None and answer.status in BLOCKING
            summary.blocked += is_blocked or reject.reason is Reason.CHALLENGE
            gathered.rejects.append(reject)

        def lose_listing(url: str, error: StageError) -> None:
            summary.lost_listings += 1
            refuse(replace(_refusal(source, url, error, clock()), stage="discover"), error)

        def load() -> None:
            batch = gathered.batch(client.take_requests())
            loaded = warehouse.load(batch, run_id=run_id)
            summary.new += loaded.new
            summary.changed += loaded.changed
            summary.repeated += len(batch.articles) - loaded.new - loaded.changed

        discovery = Discovery(
            source,
            client,
            known=known,
            window=window,
            on_error=lose_listing,
            stop_at_known=not is_unfinished,
        )
        try:
            for answer in fetch(discovery, client):
                summary.found, summary.known = discovery.found, discovery.known
                summary.fetched += 1
                if not isinstance(answer, Capture):
                    refuse(_refusal(source, answer[0].url, answer[1], clock()), answer[1])
                elif isinstance(outcome := read(answer, source), Reject):
                    refuse(outcome)
                else:
                    gathered.articles.append(outcome)
                on_progress(summary)
                if gathered.pages >= BATCH_PAGES:
                    load()
            summary.state = "completed"
        except (StageError, ArchiveError, HostError) as error:
            summary.state, summary.error = "failed", str(error)
        except BaseException as error:
            summary.state, summary.error = "failed", f"stopped by {type(error).__name__}"
            raise
        finally:
            summary.found, summary.known = discovery.found, discovery.known
            summary.notes = tuple(client.notes)
            load()
            summary.seconds = time.monotonic() - started
            warehouse.finish_run(
                run_id,
                ended_at=clock(),
                state=summary.state,
                found=summary.found,
                known=summary.known,
                lost_listings=summary.lost_listings,
                error=summary.error,
            )
    return summary


def _refusal(source: Source, url: str, error: StageError, at: datetime) -> Reject:
    return Reject(
        source=source.slug,
        url=url,
        stage="discover" if isinstance(error, DiscoverError) else "fetch",
        reason=error.reason,
        message=str(error),
        rejected_at=at,
        capture_id=error.capture.capture_id if isinstance(error, FetchError) and error.capture else None,
    )


class _Gathered:
    """What has come since the last batch."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._captures: list[Capture] = []
        self.articles: list[Article] = []
        self.rejects: list[Reject] = []

    @property
    def pages(self) -> int:
        return len(self.articles) + len(self.rejects)

    def keep(self, capture: Capture) -> Capture:
        self._captures.append(capture)
        return capture

    def batch(self, requests: tuple[Request, ...]) -> Batch:
        made = Batch(self._source, tuple(self._captures), tuple(self.articles), tuple(self.rejects), requests)
        self._captures, self.articles, self.rejects = [], [], []
        return made
