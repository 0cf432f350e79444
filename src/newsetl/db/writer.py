"""The only writer of the warehouse: one batch, one transaction, and the same batch twice changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

import duckdb

from newsetl._version import __version__
from newsetl.db import checks, derived, lake_compaction, migrations
from newsetl.db.checks import Finding
from newsetl.db.connection import open_connection, translate_errors
from newsetl.db.crawl_state import CrawlState
from newsetl.db.derived import Identify
from newsetl.db.load_batch import load_batch
from newsetl.db.publish import Publisher, PublishWhen
from newsetl.db.session import Session
from newsetl.errors import ConfigError, WarehouseError
from newsetl.model import Batch, LoadResult, Window
from newsetl.runtime.data_folder import Lake, WarehouseLocation
from newsetl.sources.config import Source


def _create_file(path: Path) -> None:
    """An empty warehouse, there as a whole or not at all."""
    fresh = path.with_name(f"{path.name}.fresh")
    with translate_errors(path):
        for left in (fresh, fresh.with_name(f"{fresh.name}.wal")):
            left.unlink(missing_ok=True)
    with open_connection(fresh, is_read_only=False) as connection, translate_errors(path):
        migrations.migrate(path, connection)
    with translate_errors(path):
        fresh.rename(path)


class Warehouse:
    """A warehouse open for writing: made with its folder if it is not there, and brought to this schema.

    Raises WarehouseError if the file cannot be opened or written, is held by another process, is newer
    than this newsetl or is something else; so do its methods for what the disk or DuckDB refuses.
    One instance may be used from several threads.
    """

    def __init__(
        self,
        path: WarehouseLocation,
        *,
        published: WarehouseLocation | None = None,
        data_dir_id: UUID | None = None,
    ) -> None:
        self.path = path
        self.data_dir_id = data_dir_id
        self.publisher: Publisher | None = None
        self._sources: dict[str, Source] = {}
        if isinstance(path, Path):
            if isinstance(published, Path):
                self.publisher = Publisher(path, published)
            with translate_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _create_file(path)
        self._session = Session(path)
        self.crawl_state = CrawlState(self._session)
        try:
            with translate_errors(path), self._session.use_large_memory():
                migrations.migrate(path, self.connection)
        except BaseException:
            self._session.close()
            raise

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The open warehouse; on a lake another one after its catalog was lost."""
        return self._session.connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Everything is in the warehouse, and a file is free."""
        try:
            self._session.close()
        finally:
            if self.publisher:
                self.publisher.close()

    def publish(self, *, run_id: UUID | None = None, when: PublishWhen = "now") -> str | None:
        """Copies what is loaded to where readers open it; why that failed, None if it did not.

        "changed": unless the copy there has it all; "due": unless copying has taken more than its share of
        the run's time. `run_id` is what the copy says it is of, by default the newest run. Of a lake there
        is none: readers open it itself.
        """
        publisher = self.publisher
        if not publisher:
            return None
        return self._session.read(lambda connection: publisher.publish(connection, run_id=run_id, when=when))

    def compact(self, *, since: datetime) -> lake_compaction.CompactionResult:
        """A lake has fewer and larger files, and its versions since then. Raises ConfigError for a file."""
        if not isinstance(self.path, Lake):
            raise ConfigError(f"{self.path}: a DuckDB file, which needs no compacting")
        return self._session.read(lambda connection: lake_compaction.compact(connection, since=since))

    def register_source(self, source: Source) -> None:
        """Records what the source's file declares; its batches can be loaded from now on."""
        self._session.run_all(
            ("coverage/coverage_queue_all",), slug=source.slug, timezone=source.timezone.key
        )
        self._session.run_all(
            ("sources/source_update", "sources/source_insert"),
            slug=source.slug,
            name=source.name,
            home=source.home,
            hosts=list(source.hosts),
            timezone=source.timezone.key,
            language=source.language,
            first_day=source.first_day,
            url_forms=[form.name for form in source.url_forms],
            sections=sorted(set(source.sections.values())),
        )
        self._sources[source.slug] = source

    def list_sources(self) -> tuple[str, ...]:
        """The slugs of the sources that it has."""
        return tuple(slug for (slug,) in self._session.run("sources/sources_all"))

    def load(self, batch: Batch, *, run_id: UUID) -> LoadResult:
        """Load the batch in one transaction, as load_batch does.

        Raises WarehouseError if the source is not registered.
        """
        source = self._get_source(batch.source)
        return self._session.write(
            lambda connection: load_batch(connection, batch, source, run_id, path=self.path)
        )

    def refresh_derived(self, source: str, identify: Identify) -> None:
        """Bring to date what follows from the source's tables after a load: coverage, people, duplicates."""
        self.rebuild_coverage(source)
        self.rebuild_people(source, identify)
        self.update_search_and_duplicates()

    def rebuild_coverage(self, source: str) -> None:
        """Rebuild the source's coverage of the days that were touched."""
        derived.rebuild_coverage(self._session, source)

    def rebuild_people(self, source: str, identify: Identify) -> None:
        """Rebuild the source's people. Raises WarehouseError if the source is not registered."""
        derived.rebuild_people(self._session, self._get_source(source), identify)

    def update_search_and_duplicates(self) -> None:
        """Index new and changed articles, and put them into their clusters of duplicates."""
        derived.update_search_and_duplicates(self._session)

    def run_checks(
        self, source: str, *, files: Iterable[str], checked_at: datetime, run_id: UUID | None = None
    ) -> tuple[Finding, ...]:
        """What the checks find of the source once `run_id` has loaded; it is kept.

        `files` are those of the archive.
        """
        files = tuple(files)

        def look(connection: duckdb.DuckDBPyConnection) -> tuple[Finding, ...]:
            return checks.run_checks(
                connection, files=files, data_dir_id=self.data_dir_id, source=source, run_id=run_id
            )

        def examine(connection: duckdb.DuckDBPyConnection) -> tuple[Finding, ...]:
            found = look(connection)
            # A check raises nothing: the session does not learn what did not fit.
            if not any((each.error or "").startswith("Out of Memory") for each in found):
                return found
            with self._session.use_large_memory():
                return look(connection)

        found = self._session.read(examine)
        self._session.run_all(
            ("checks/check_results_insert",),
            run_id=run_id,
            source=source,
            checked_at=checked_at,
            names=[each.check.name for each in found],
            severities=[each.check.severity for each in found],
            failing_rows=[each.failing_rows for each in found],
            samples=[json.dumps(each.rows, ensure_ascii=False) for each in found],
            errors=[each.error for each in found],
        )
        return found

    def start_run(
        self,
        source: str,
        *,
        kind: str,
        window: Window,
        started_at: datetime,
        run_id: UUID | None = None,
        is_incremental: bool = False,
    ) -> UUID:
        """Records a run as running."""
        run_id = run_id or uuid4()
        self._session.run_all(
            ("runs/run_start",),
            run_id=run_id,
            source=source,
            kind=kind,
            since=window.since,
            until=window.until,
            started_at=started_at,
            is_incremental=is_incremental,
            newsetl_version=__version__,
            data_dir_id=self.data_dir_id,
        )
        return run_id

    def finish_run(
        self,
        run_id: UUID,
        *,
        ended_at: datetime,
        state: str,
        discovered: int,
        already_loaded: int,
        failed_listings: int = 0,
        error: str | None = None,
    ) -> None:
        """Records the run's end; new, changed and refused are the sums of its loads."""
        if not self.has_run(run_id):
            raise WarehouseError(f"{self.path}: no run {run_id} to finish")
        self._session.run_all(
            ("runs/run_end",),
            run_id=run_id,
            ended_at=ended_at,
            state=state,
            discovered=discovered,
            already_loaded=already_loaded,
            failed_listings=failed_listings,
            error=error,
        )

    def running_runs(self) -> tuple[tuple[UUID, str, datetime], ...]:
        """Run, source and start of the folder's runs that have not ended.

        They are dead, if nobody else writes from this folder.
        """
        return tuple(self._session.run("runs/runs_running", data_dir_id=self.data_dir_id))

    def has_run(self, run_id: UUID) -> bool:
        """True if the run was started here."""
        return bool(self._session.run("runs/run_lookup", run_id=run_id))

    def _get_source(self, slug: str) -> Source:
        if slug not in self._sources:
            raise WarehouseError(f"{self.path}: source {slug!r} is not registered")
        return self._sources[slug]
