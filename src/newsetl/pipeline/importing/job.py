"""What others have kept becomes ours: saved pages and WARC files, archived, read and loaded."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from newsetl.db.writer import Warehouse
from newsetl.errors import ArchiveError
from newsetl.fetch.download import DownloadError, download
from newsetl.model import Article, Capture, Window
from newsetl.pipeline import batch_size, parse_page, shards
from newsetl.pipeline.importing import captures
from newsetl.pipeline.importing.batches import Arrivals
from newsetl.pipeline.importing.captures import Found, Origin, Unwanted
from newsetl.pipeline.importing.files import WARCS, Places, is_address, printable
from newsetl.pipeline.run import Run
from newsetl.pipeline.runners import HERE, Runner
from newsetl.pipeline.summary import Summary
from newsetl.sources import urls
from newsetl.sources.config import Source

MOST_DOWNLOADED = 5_000_000_000


@dataclass(slots=True)
class Intake:
    """How far an import is, and what came of it.

    `summary` counts pages: `discovered` in the files and of the source, `already_loaded` held already.
    `files` and `records` (of WARC files) have been gone through, `outside` pages are not of the window's
    days, and `errors` name what could not be read at all. `downloading` says how far a download is.
    """

    summary: Summary
    files: int = 0
    files_known: int = 0
    records: int = 0
    outside: int = 0
    unwanted: Counter[Unwanted] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    is_stopped: bool = False
    downloading: str = ""


def take_in(
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    found: Places,
    *,
    clock: Callable[[], datetime],
    addresses: Mapping[str, str] | None = None,
    window: Window | None = None,
    contact: str | None = None,
    most_downloaded: int = MOST_DOWNLOADED,
    runner: Runner = HERE,
    on_progress: Callable[[Intake], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Intake:
    """Archives, reads and loads the pages in `found` that the warehouse lacks.

    `addresses` maps paths to the addresses of the pages saved there. Of a window only pages of its days
    are taken: by their addresses, or if those have no day, by what they say. What cannot be read at all is
    named in `errors` and fails the run, and the rest is loaded. Where `runner` has workers, they read the
    pages from the archive once those are there, while the next ones are archived. Raises ConfigError and
    WarehouseError.
    """
    contact = found.check(contact)
    window = window or Window()
    started_at, started = clock(), time.monotonic()
    done = Intake(Summary(source.slug), files_known=len(found.files), errors=list(found.errors))
    summary = done.summary
    run = Run(source, warehouse, archive_folder, summary, kind="import", window=window, started_at=started_at)

    with run.archive:
        warehouse.register_source(source)
        run.start()
        reader = _Reader(
            source,
            addresses=addresses or {},
            contact=contact,
            most_downloaded=most_downloaded,
            folder=archive_folder.parent,
            clock=clock,
            done=done,
        )
        arrivals = Arrivals(run, source, warehouse, archive_folder, runner, summary)
        pages = reader.pages(found.files, lambda: on_progress(done), should_stop)
        try:
            for batch in _batches(page for page in pages if not _is_outside(page, source, window, done)):
                arrivals.take(batch, lambda: on_progress(done), should_stop)
                if should_stop():
                    done.is_stopped = True
                    break
        except ArchiveError as error:
            done.errors.append(str(error))
        try:
            arrivals.finish()
        except ArchiveError as error:
            done.errors.append(str(error))
            run.archive.leave()
        done.errors += arrivals.failed
        with suppress(OSError):  # empty, unless a rebuild was broken off
            shards.folder_of(archive_folder).rmdir()
        if done.is_stopped:
            summary.error = f"stopped after {done.files} of {done.files_known} files"
        elif done.errors:
            more = f" and {len(done.errors) - 1} more" if len(done.errors) > 1 else ""
            summary.error = f"{done.errors[0]}{more}"
        summary.state = "failed" if summary.error else "completed"
        summary.seconds = time.monotonic() - started
        run.end((), clock())
    return done


class _Reader:
    """Goes through files one by one, and counts in `done` what it meets."""

    def __init__(
        self,
        source: Source,
        *,
        addresses: Mapping[str, str],
        contact: str,
        most_downloaded: int,
        folder: Path,
        clock: Callable[[], datetime],
        done: Intake,
    ) -> None:
        self._source, self._addresses, self._clock, self._done = source, addresses, clock, done
        self._contact, self._most_downloaded, self._folder = contact, most_downloaded, folder

    def pages(
        self, files: Iterable[str], on_progress: Callable[[], None], should_stop: Callable[[], bool]
    ) -> Iterator[Found]:
        """The source's pages in the files, until it should stop; what cannot be read is an error."""
        for file in files:
            try:
                for page in self._pages(file, on_progress, should_stop):
                    if isinstance(page, Unwanted):
                        self._done.unwanted[page] += 1
                    else:
                        yield page
                    on_progress()
                    if should_stop():
                        self._done.is_stopped = True
                        return
                if self._done.is_stopped:
                    return
                self._done.files += 1
            except (DownloadError, OSError) as error:
                said = error.strerror if isinstance(error, OSError) else None
                self._done.errors.append(
                    f"{printable(file)}: cannot be read ({said})" if said else str(error)
                )

    def _pages(
        self, file: str, on_progress: Callable[[], None], should_stop: Callable[[], bool]
    ) -> Iterator[Found | Unwanted]:
        if is_address(file):
            yield from self._downloaded(file, on_progress, should_stop)
            return
        with Path(file).open("rb") as opened:
            origin = self._origin(file, datetime.fromtimestamp(os.fstat(opened.fileno()).st_mtime, UTC))
            if file.lower().endswith(WARCS):
                yield from self._records(opened, origin)
            else:
                # One byte more than a page may have is enough to refuse it.
                page = opened.read(self._source.fetch.max_bytes + 1)
                path = str(Path(file).absolute())
                yield captures.saved(path, page, self._address(file), origin, self._source)

    def _downloaded(
        self, url: str, on_progress: Callable[[], None], should_stop: Callable[[], bool]
    ) -> Iterator[Found | Unwanted]:
        def tell(had: int, length: int | None) -> None:
            of = f" of {length / 1e6:,.0f}" if length else ""
            self._done.downloading = f"{had / 1e6:,.0f}{of} MB of {url}"
            on_progress()

        with tempfile.TemporaryFile(dir=self._folder) as into:
            written_at = download(
                url,
                into,
                contact=self._contact,
                most_bytes=self._most_downloaded,
                on_progress=tell,
                should_stop=should_stop,
            )
            into.flush()
            self._done.downloading = ""
            if should_stop():
                self._done.is_stopped = True
            else:
                yield from self._records(into, self._origin(url, written_at))

    def _records(self, opened: BinaryIO, origin: Origin) -> Iterator[Found | Unwanted]:
        for found in captures.records(opened, origin, self._source):
            self._done.records += 1
            yield found

    def _origin(self, file: str, written_at: datetime | None) -> Origin:
        now = self._clock()
        return Origin(printable(file), written_at or now, now)

    def _address(self, file: str) -> str:
        if not self._addresses:
            return ""
        return self._addresses.get(file) or self._addresses.get(os.path.realpath(file)) or ""


def _batches(pages: Iterable[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    size = 0
    for page in pages:
        batch.append(page)
        size += batch_size.weight(page) if isinstance(page, Capture) else 0
        if len(batch) >= shards.RECORDS or size >= shards.BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _is_outside(page: Found, source: Source, window: Window, done: Intake) -> bool:
    """True if the page is of a day that was not asked for. Where its address has no day it is read for it."""
    if window == Window() or not isinstance(page, Capture):
        return False
    days = (urls.days_of(source, page.url) or urls.day_in_path(page.url)) if page.url else None
    if days is None or days[0] != days[1]:
        outcome = parse_page.read(page, source)
        if isinstance(outcome, Article) and outcome.published_at and outcome.published_precision != "month":
            day = outcome.published_at.astimezone(source.timezone).date()
            days = day, day
    is_outside = days is not None and not window.has(*days)
    done.outside += is_outside
    return is_outside
