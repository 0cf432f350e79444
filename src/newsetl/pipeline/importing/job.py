"""Import of saved pages and WARC files: archive, parse and load them."""

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
from newsetl.pipeline.importing.batches import BatchImporter
from newsetl.pipeline.importing.captures import FileOrigin, ImportedItem, SkippedRecord
from newsetl.pipeline.importing.files import WARC_SUFFIXES, ImportInputs, escape_path, is_url
from newsetl.pipeline.run import Run
from newsetl.pipeline.runners import INLINE_RUNNER, ShardRunner
from newsetl.pipeline.summary import RunSummary
from newsetl.sources import urls
from newsetl.sources.config import Source

MAX_DOWNLOAD_BYTES = 5_000_000_000


@dataclass(slots=True)
class ImportResult:
    """Progress and result of an import.

    In `summary`, `discovered` counts the source's pages in the files, `already_loaded` those already loaded.
    `files` and `records` (of WARC files) are finished, `out_of_window` pages are of other days, and `errors`
    are messages on unreadable files. `downloading` is the progress of the current download.
    """

    summary: RunSummary
    files: int = 0
    files_total: int = 0
    records: int = 0
    out_of_window: int = 0
    skipped_records: Counter[SkippedRecord] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    is_stopped: bool = False
    downloading: str = ""


def import_files(
    source: Source,
    warehouse: Warehouse,
    archive_folder: Path,
    inputs: ImportInputs,
    *,
    clock: Callable[[], datetime],
    urls_by_path: Mapping[str, str] | None = None,
    window: Window | None = None,
    contact: str | None = None,
    max_download_bytes: int = MAX_DOWNLOAD_BYTES,
    runner: ShardRunner = INLINE_RUNNER,
    on_progress: Callable[[ImportResult], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ImportResult:
    """Archive, parse and load the pages in `inputs` that the warehouse lacks.

    `urls_by_path` maps paths to the URLs of the saved pages. With a window only pages of its days are loaded;
    the day is in the URL, else in the parsed page. An unreadable file adds to `errors` and fails the run; the
    other files are loaded. The workers of `runner` parse archived pages while the next ones are archived.
    Raise ConfigError and WarehouseError.
    """
    contact = inputs.check_contact(contact)
    window = window or Window()
    started_at, started = clock(), time.monotonic()
    result = ImportResult(RunSummary(source.slug), files_total=len(inputs.files), errors=list(inputs.errors))
    summary = result.summary
    run = Run(source, warehouse, archive_folder, summary, kind="import", window=window, started_at=started_at)

    with run.archive:
        warehouse.register_source(source)
        run.start()
        reader = _FileReader(
            source,
            urls_by_path=urls_by_path or {},
            contact=contact,
            max_download_bytes=max_download_bytes,
            folder=archive_folder.parent,
            clock=clock,
            result=result,
        )
        importer = BatchImporter(run, source, warehouse, archive_folder, runner, summary)
        pages = reader.iterate_pages(inputs.files, lambda: on_progress(result), should_stop)
        try:
            for batch in _group_batches(
                page for page in pages if not _is_out_of_window(page, source, window, result)
            ):
                importer.add_batch(batch, lambda: on_progress(result), should_stop)
                if should_stop():
                    result.is_stopped = True
                    break
        except ArchiveError as error:
            result.errors.append(str(error))
        try:
            importer.finish()
        except ArchiveError as error:
            result.errors.append(str(error))
            run.archive.abandon()
        result.errors += importer.failed
        with suppress(OSError):  # not empty after an interrupted rebuild
            shards.get_shard_folder(archive_folder).rmdir()
        if result.is_stopped:
            summary.error = f"stopped after {result.files} of {result.files_total} files"
        elif result.errors:
            more = f" and {len(result.errors) - 1} more" if len(result.errors) > 1 else ""
            summary.error = f"{result.errors[0]}{more}"
        summary.state = "failed" if summary.error else "completed"
        summary.seconds = time.monotonic() - started
        run.finish((), clock())
    return result


class _FileReader:
    """Reader of the input files, which updates `result`."""

    def __init__(
        self,
        source: Source,
        *,
        urls_by_path: Mapping[str, str],
        contact: str,
        max_download_bytes: int,
        folder: Path,
        clock: Callable[[], datetime],
        result: ImportResult,
    ) -> None:
        self._source, self._urls_by_path, self._clock, self._result = source, urls_by_path, clock, result
        self._contact, self._max_download_bytes, self._folder = contact, max_download_bytes, folder

    def iterate_pages(
        self, files: Iterable[str], on_progress: Callable[[], None], should_stop: Callable[[], bool]
    ) -> Iterator[ImportedItem]:
        """Yield the source's pages in the files until `should_stop`; add errors on unreadable files."""
        for file in files:
            try:
                for page in self._iterate_file(file, on_progress, should_stop):
                    if isinstance(page, SkippedRecord):
                        self._result.skipped_records[page] += 1
                    else:
                        yield page
                    on_progress()
                    if should_stop():
                        self._result.is_stopped = True
                        return
                if self._result.is_stopped:
                    return
                self._result.files += 1
            except (DownloadError, OSError) as error:
                reason = error.strerror if isinstance(error, OSError) else None
                self._result.errors.append(
                    f"{escape_path(file)}: cannot be read ({reason})" if reason else str(error)
                )

    def _iterate_file(
        self, file: str, on_progress: Callable[[], None], should_stop: Callable[[], bool]
    ) -> Iterator[ImportedItem | SkippedRecord]:
        if is_url(file):
            yield from self._iterate_download(file, on_progress, should_stop)
            return
        with Path(file).open("rb") as opened:
            origin = self._build_origin(file, datetime.fromtimestamp(os.fstat(opened.fileno()).st_mtime, UTC))
            if file.lower().endswith(WARC_SUFFIXES):
                yield from self._iterate_records(opened, origin)
            else:
                # One byte above the limit is enough to reject the page as too large.
                page = opened.read(self._source.fetch.max_bytes + 1)
                path = str(Path(file).absolute())
                yield captures.capture_saved_page(path, page, self._get_url(file), origin, self._source)

    def _iterate_download(
        self, url: str, on_progress: Callable[[], None], should_stop: Callable[[], bool]
    ) -> Iterator[ImportedItem | SkippedRecord]:
        def report_download(received: int, length: int | None) -> None:
            of = f" of {length / 1e6:,.0f}" if length else ""
            self._result.downloading = f"{received / 1e6:,.0f}{of} MB of {url}"
            on_progress()

        with tempfile.TemporaryFile(dir=self._folder) as file:
            written_at = download(
                url,
                file,
                contact=self._contact,
                max_bytes=self._max_download_bytes,
                on_progress=report_download,
                should_stop=should_stop,
            )
            file.flush()
            self._result.downloading = ""
            if should_stop():
                self._result.is_stopped = True
            else:
                yield from self._iterate_records(file, self._build_origin(url, written_at))

    def _iterate_records(
        self, opened: BinaryIO, origin: FileOrigin
    ) -> Iterator[ImportedItem | SkippedRecord]:
        for item in captures.iterate_captures(opened, origin, self._source):
            self._result.records += 1
            yield item

    def _build_origin(self, file: str, written_at: datetime | None) -> FileOrigin:
        now = self._clock()
        return FileOrigin(escape_path(file), written_at or now, now)

    def _get_url(self, file: str) -> str:
        if not self._urls_by_path:
            return ""
        return self._urls_by_path.get(file) or self._urls_by_path.get(os.path.realpath(file)) or ""


def _group_batches(pages: Iterable[ImportedItem]) -> Iterator[list[ImportedItem]]:
    batch: list[ImportedItem] = []
    size = 0
    for page in pages:
        batch.append(page)
        size += batch_size.get_memory_size(page) if isinstance(page, Capture) else 0
        if len(batch) >= shards.SHARD_RECORDS or size >= shards.SHARD_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _is_out_of_window(page: ImportedItem, source: Source, window: Window, result: ImportResult) -> bool:
    """Return True if the page's day is outside the window. Parse the page if its URL has no day."""
    if window == Window() or not isinstance(page, Capture):
        return False
    days = (urls.get_days(source, page.url) or urls.get_path_day(page.url)) if page.url else None
    if days is None or days[0] != days[1]:
        outcome = parse_page.parse_page(page, source)
        if isinstance(outcome, Article) and outcome.published_at and outcome.published_precision != "month":
            day = outcome.published_at.astimezone(source.timezone).date()
            days = day, day
    is_outside = days is not None and not window.overlaps(*days)
    result.out_of_window += is_outside
    return is_outside
