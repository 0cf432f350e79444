"""Where the stages meet, and what they raise is caught; `reading` is the part of it that workers have."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from newsetl import __version__, archive, journal, reading, urls
from newsetl.archive import Archive
from newsetl.archive import read as read_stored
from newsetl.client import Client
from newsetl.discover import Discovery
from newsetl.errors import (
    ArchiveError,
    ConfigError,
    FetchError,
    HostError,
    StageError,
    WarehouseError,
)
from newsetl.fetch import fetch
from newsetl.journal import RunEnd
from newsetl.load import Warehouse
from newsetl.model import (
    Announcement,
    Article,
    Asking,
    Batch,
    Capture,
    Link,
    Reason,
    Reject,
    Request,
    Validators,
    Window,
)
from newsetl.quality import Finding, fallen
from newsetl.readers import Readers
from newsetl.sources import Source

# One load transaction at most, which is little enough to hold.
BATCH_PAGES, BATCH_BYTES = 1_000, 50_000_000
# A load costs what 300 pages in it do. At a site's pause so many pages are minutes of work, and are loaded.
SOME_PAGES, SOME_SECONDS = 200, 10.0
# What a page that is laid out anew is refused for.
UNREAD = (Reason.NO_LANDMARKS, Reason.NO_TITLE, Reason.NO_TEXT, Reason.NO_DATE)
BLOCKING = (401, 403, 406, 451)
MANY = 3

T = TypeVar("T")


@dataclass(slots=True)
class Summary:
    """What a run of one source did.

    `found` articles were announced in the window; `known` of them needed no visit, `fetched` were asked
    for. `repeated` pages are those of an article that was loaded already, unchanged. `blocked` counts the
    site's refusals (401, 403, 406, 451 or the firewall's page), `lost_listings` the pages announcing
    articles that could not be read, `notes` say what a person should know of the hosts and the copy for
    readers, and `findings` what the checks made of the warehouse afterwards.
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
    findings: tuple[Finding, ...] = ()

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


def look(client: Client, url: str, source: Source, *, clock: Callable[[], datetime]) -> Article | Reject:
    """The article at `url`, fetched as politely as in a run; nothing is kept but what `client` keeps."""
    try:
        return reading.read(client.get(url, why="article"), source)
    except FetchError as error:
        return refusal(source, url, error, clock())
    except HostError as error:
        return refusal(source, url, FetchError(Reason.UNREACHABLE, str(error)), clock())


def _leaves_no_day_out(window: Window, back_to: date | None) -> bool:
    return window.until is None and (back_to is None or window.since is None or window.since <= back_to)


class Stopped(Exception):
    """The caller asked the run to stop, and the page in hand is done."""


def ingest(
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    *,
    clock: Callable[[], datetime],
    contact: str | None = None,
    window: Window | None = None,
    on_progress: Callable[[Summary], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Summary:
    """Find, fetch, keep, read and load what `source` has published in `window` and the warehouse lacks.

    Without a window, or with one that is open on both sides, it is the daily run: it takes whatever is
    announced, goes through the listings back to the source's `recent_days` before the last whole daily run,
    asks once a day for the articles of the `recent_days`, which may have changed or gone, and tries again
    what was refused and is due.
    `on_progress` is called after each page. Once `should_stop` is true the page in hand is finished, what
    was fetched is loaded and the run ends as failed, "stopped". A source that is down or sends us away, or
    an archive that cannot be written, ends the run as failed too; what it announced and we did not get
    stays due. Raises ConfigError and WarehouseError, which no source can mend. Whatever else breaks the
    run off leaves its archive file open: `recover` does the rest.
    """
    started_at, summary = clock(), Summary(source.slug)
    today = started_at.astimezone(source.timezone).date()
    if window and window.since and window.since > today:
        raise ConfigError(f"since {window.since} is in the future; today is {today} in {source.timezone}")
    warehouse.register_source(source)
    recent = timedelta(days=source.discover.recent_days)
    followed, due = warehouse.followed(source.slug), warehouse.due_links(source.slug, now=started_at)
    back_to = max(followed, source.first_day + recent) - recent if followed else None
    is_following, recents = True, dict[Link, Validators | None]()
    if window and window != Window():
        is_following, back_to = _leaves_no_day_out(window, back_to), None
        due = tuple(link for link in due if urls.may_be_in(source, link, window))
    else:
        window = None
        recents = {
            link: validators
            for link, validators in warehouse.recent_articles(
                source.slug,
                since=today - recent,
                asked_before=datetime.combine(today, datetime.min.time(), source.timezone),
            ).items()
            if urls.is_own(source, link.url)
        }
    run = Run(
        source,
        warehouse,
        archive_folder,
        summary,
        kind="ingest",
        window=window or Window(back_to),
        started_at=started_at,
        is_following=is_following,
    )

    conditions = {link.url: validators for link, validators in recents.items() if validators}
    with (
        run.archive,
        run.readers,
        run.client(contact=contact, should_stop=should_stop, stored=conditions) as client,
    ):
        run.start()
        discovery = Discovery(
            source,
            client,
            known=warehouse.known_urls(source.slug, due_before=started_at),
            window=window or Window(),
            back_to=back_to,
            on_error=lambda url, error: run.lose(url, error, clock()),
            on_found=lambda link, days: run.announce(link, days, clock()),
            due=[link for link in due if urls.is_own(source, link.url)],
            listings=[
                url
                for url in warehouse.listings(source.slug, since=started_at - recent)
                if urls.is_own(source, url)
            ],
            recent=recents,
        )
        with run.ending(client, clock):
            try:
                for answer in fetch(discovery, client):
                    summary.found, summary.known = discovery.found, discovery.known
                    summary.fetched += 1
                    if isinstance(answer, Capture):
                        run.read(answer)
                    else:
                        run.refuse(refusal(source, answer[0].place, answer[1], clock()), answer[1])
                    on_progress(summary)
                    if run.is_full:
                        run.load(client.take_requests())
                    if should_stop():
                        raise Stopped
            except (StageError, HostError) as error:
                discovery.reach.failed("listing", str(error))
                run.asked(discovery.reach.askings(clock()))
                raise
            summary.found, summary.known = discovery.found, discovery.known
            run.asked(discovery.reach.askings(clock()))
            if summary.lost_listings and not discovery.found:
                summary.error = "no page that announces articles could be read"
    return summary


class Run:
    """A run of one source: its archive file, its row, and what has come since the last batch."""

    def __init__(
        self,
        source: Source,
        warehouse: Warehouse,
        archive_folder: Path,
        summary: Summary,
        *,
        kind: str,
        window: Window,
        started_at: datetime,
        is_following: bool = False,
    ) -> None:
        self._source, self._warehouse, self._summary = source, warehouse, summary
        self._folder = archive_folder
        self._started = time.monotonic()
        self._start = journal.start_of(
            source, uuid4(), kind=kind, window=window, started_at=started_at, is_following=is_following
        )
        self.run_id = self._start.run_id
        self.archive = Archive(
            archive_folder,
            started_at=started_at,
            software=f"newsetl/{__version__}",
            about=journal.note_of(self._start),
        )
        self._captures: list[Capture] = []
        self._articles: list[Article] = []
        self._rejects: list[Reject] = []
        self._announcements: list[Announcement] = []
        self._untold: list[Announcement] = []
        self._askings: list[Asking] = []
        self._requests: list[Request] = []
        self._held = 0
        self._loaded_at = self._started
        self.readers = Readers(partial(reading.read_all, source))

    @property
    def is_full(self) -> bool:
        """True once the next batch is as large as it should get."""
        pages = max(len(self._captures), len(self._articles) + len(self._rejects) + self.readers.waiting)
        if is_full(pages, self._held):
            return True
        return pages >= SOME_PAGES and time.monotonic() - self._loaded_at >= SOME_SECONDS

    def start(self) -> None:
        """The run has a row in the warehouse."""
        start = self._start
        self._warehouse.start_run(
            start.source,
            kind=start.kind,
            window=start.window,
            started_at=start.started_at,
            run_id=start.run_id,
            is_following=start.is_following,
        )

    def client(
        self,
        *,
        contact: str | None,
        should_stop: Callable[[], bool],
        stored: Mapping[str, Validators] | None = None,
    ) -> Client:
        """A client whose every response is kept here, and which asks conditionally for what was kept before:

        pages that announce articles, and what is `stored` besides.

        Once `should_stop` is true, Stopped is raised after any page but an article. Raises ConfigError.
        """

        def keep(capture: Capture) -> Capture:
            kept = self.keep(capture)
            if should_stop() and kept.kind != "article":
                raise Stopped
            return kept

        return Client(
            self._source,
            contact=contact,
            keep=keep,
            stored=self._warehouse.validators(self._source.slug) | dict(stored or {}),
            recall=lambda page: read_stored(self._folder, page.file, page.offset),
            last_asked=self._warehouse.last_asked(now=self._start.started_at),
        )

    @contextmanager
    def ending(self, client: Client, clock: Callable[[], datetime]) -> Iterator[None]:
        """The run ends with the block, as completed, or as failed by what the block raises.

        ConfigError and WarehouseError go on; a process that is ended leaves the run to `recover`.
        """
        summary = self._summary
        try:
            yield
        except Stopped:
            summary.error = f"stopped after {summary.fetched} pages"
        except (StageError, ArchiveError, HostError) as error:
            summary.error = str(error)
        except (ConfigError, WarehouseError):
            raise
        except Exception as error:  # a defect of ours: what was fetched is loaded, other sources go on
            summary.error = f"a defect of newsetl: {type(error).__name__}: {error}"
        summary.state = "failed" if summary.error else "completed"
        summary.notes = tuple(client.notes)
        summary.seconds = time.monotonic() - self._started
        self.end(client.take_requests(), clock())

    def announce(self, link: Link, days: tuple[date, date] | None, seen_at: datetime) -> None:
        """A link to an article, of these days if that is known, was found."""
        self._untold.append(
            Announcement(
                link.source,
                link.url,
                link.way,
                link.section,
                link.title,
                days[1] if days else None,
                link.found_on,
                seen_at,
            )
        )
        if len(self._untold) >= SOME_PAGES:
            self._tell_announcements()

    def asked(self, askings: Iterable[Asking]) -> None:
        """Ways were asked for days, and what they announced has been had or refused."""
        self._tell_announcements()
        for asking in askings:
            self.archive.note(journal.note_of(asking))
            self._askings.append(asking)

    def _tell_announcements(self) -> None:
        if self._untold:
            told = tuple(replace(each, first_seen_at=self._untold[0].first_seen_at) for each in self._untold)
            self.archive.note(journal.note_of(journal.Announced.of(told)))
            self._announcements += told
            self._untold = []

    def keep(self, capture: Capture) -> Capture:
        """The capture, once it is in the archive; it goes with the next batch."""
        kept = self.archive.store(capture)
        self.had(kept)
        return kept

    def had(self, capture: Capture) -> None:
        """A capture that is in the archive goes with the next batch."""
        self._captures.append(capture)
        self._held += weight(capture)

    def read(self, capture: Capture) -> None:
        """The page is read, now or beside the run; its outcome is taken in its turn."""
        self.readers.put(capture)
        self._settle()

    def take(self, outcome: Article | Reject) -> None:
        """An outcome of `read`, which the capture alone gives again."""
        self.readers.put_known(outcome)
        self._settle()

    def _settle(self, *, left: int | None = None) -> None:
        """Outcomes that are there are taken; with `left`, no more than so many are waited for afterwards."""
        for outcome in self.readers.take(left=left):
            if isinstance(outcome, Reject):
                self._summary.refused[outcome.reason] += 1
                self._summary.blocked += outcome.reason is Reason.CHALLENGE
                self._rejects.append(outcome)
            else:
                self._articles.append(outcome)
                self._held += len(outcome.text)

    def refuse(self, reject: Reject, error: StageError) -> None:
        """A refusal by the network or by discovery, which only the archive can give again."""
        self.archive.note(journal.note_of(reject))
        answer = error.capture if isinstance(error, FetchError) else None
        is_told = answer is not None and answer.status in BLOCKING
        self._summary.blocked += is_told and reject.reason is not Reason.CHALLENGE
        self.take(reject)

    def lose(self, url: str, error: StageError, at: datetime) -> None:
        """A page that announces articles could not be read."""
        self._summary.lost_listings += 1
        self.refuse(refusal(self._source, url, error, at, is_list=True), error)

    def load(self, requests: tuple[Request, ...] = (), *, is_last: bool = False) -> None:
        """Loads what has come since the last batch, once the archive has it for good.

        Unless it is the last one, pages at the end that are still being read go with the next batch.
        """
        # The workers read a quarter while this process loads.
        self._settle(left=0 if is_last else len(self._captures) // 4)
        self._tell_announcements()
        self._requests += requests
        captures, later = self._captures, self._captures[:0]
        asked, unasked = self._requests, self._requests[:0]
        if first := self.readers.first:
            captures, later = _parted(captures, lambda each: each.capture_id == first.capture_id)
            asked, unasked = _parted(asked, lambda each: each.capture_id == first.capture_id)
        batch = Batch(
            self._source.slug,
            tuple(captures),
            tuple(self._articles),
            tuple(self._rejects),
            tuple(asked),
            tuple(self._announcements),
            tuple(self._askings),
        )
        self.archive.sync()
        loaded = self._warehouse.load(batch, run_id=self._start.run_id)
        self._captures, self._articles, self._rejects, self._requests = later, [], [], unasked
        self._held = sum(map(weight, later))
        self._loaded_at = time.monotonic()
        self._announcements, self._askings = [], []
        self._summary.new += loaded.new
        self._summary.changed += loaded.changed
        self._summary.repeated += len(batch.articles) - loaded.new - loaded.changed
        if not is_last:
            self._warehouse.publish(run_id=self.run_id, when="due")

    def end(self, requests: tuple[Request, ...], ended_at: datetime) -> None:
        """Loads what is left and ends the run: first in its file, if it has one, then in the warehouse.

        One that would be completed is degraded if articles of a week that it read lack a field more often
        than before. Then readers get it; if they cannot, the summary's notes say why.
        """
        summary = self._summary
        try:
            if self.archive.is_begun:
                self.archive.note(journal.note_of(self._ending(ended_at)))
            self.load(requests, is_last=True)
            summary.findings = self._warehouse.examine(
                self._source.slug,
                files=archive.files(self._folder),
                checked_at=ended_at,
                run_id=self._start.run_id,
            )
            if summary.state == "completed" and fallen(summary.findings):
                summary.state = "degraded"
                if self.archive.is_begun:
                    self.archive.note(journal.note_of(self._ending(ended_at)))
            self.archive.close()
        except ArchiveError as error:
            # What the archive may not have is not loaded; the next start looks at what it has.
            self.archive.leave()
            summary.state, summary.error = "failed", summary.error or str(error)
        end = self._ending(ended_at)
        self._warehouse.finish_run(
            self._start.run_id,
            ended_at=end.ended_at,
            state=end.state,
            found=end.found,
            known=end.known,
            lost_listings=end.lost_listings,
            error=end.error,
        )
        self._warehouse.derive(self._source.slug)
        if note := self._warehouse.publish(run_id=self.run_id):
            summary.notes += (note,)

    def _ending(self, ended_at: datetime) -> RunEnd:
        summary = self._summary
        return RunEnd(
            summary.state, summary.found, summary.known, summary.error, ended_at, summary.lost_listings
        )


def _parted(some: list[T], is_first: Callable[[T], bool]) -> tuple[list[T], list[T]]:
    """What stands before the first that is one, and the rest."""
    at = next((index for index, each in enumerate(some) if is_first(each)), len(some))
    return some[:at], some[at:]


def weight(capture: Capture) -> int:
    """Bytes that the capture holds in memory."""
    return len(capture.payload) + (0 if capture.body is capture.payload else len(capture.body))


def is_full(pages: int, held: int) -> bool:
    """True if a batch of so many pages and bytes is as large as it should get."""
    return pages >= BATCH_PAGES or held >= BATCH_BYTES


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
