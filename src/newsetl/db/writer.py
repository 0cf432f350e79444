"""Writer of the warehouse: one transaction per batch; loading a batch twice changes nothing."""

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
    """Create an empty warehouse atomically: under another name first, then renamed."""
    new = path.with_name(f"{path.name}.fresh")
    with translate_errors(path):
        for leftover in (new, new.with_name(f"{new.name}.wal")):
            leftover.unlink(missing_ok=True)
    with open_connection(new, is_read_only=False) as connection, translate_errors(path):
        migrations.migrate(path, connection)
    with translate_errors(path):
        new.rename(path)


class Warehouse:
    """Warehouse open for writing; created with its directory if missing, and migrated to the current schema.

    Raises WarehouseError if the file cannot be opened or written, is locked by another process, has a newer
    schema than this newsetl, or is no newsetl warehouse. Its methods raise WarehouseError for errors of the
    disk and of DuckDB. Several threads may share one instance.
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
        """The open connection; a lake gets a new connection after its catalog was lost."""
        return self._session.connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and release the file's lock."""
        try:
            self._session.close()
        finally:
            if self.publisher:
                self.publisher.close()

    def publish(self, *, run_id: UUID | None = None, when: PublishWhen = "now") -> None:
        """Publish the warehouse as a copy for readers. Raise PublishError if the copy fails.

        `when`: "now" always copies; "changed" copies unless the published copy is up to date; "due" copies
        unless publishing has used more than its share of the run's time. `run_id` is the run that the copy
        names, by default the newest one. A lake is not copied, because its readers open the lake itself.
        """
        publisher = self.publisher
        if publisher:
            self._session.read(lambda connection: publisher.publish(connection, run_id=run_id, when=when))

    def compact(self, *, since: datetime) -> lake_compaction.CompactionResult:
        """Compact a lake, and remove versions older than `since`. Raise ConfigError for a DuckDB file."""
        if not isinstance(self.path, Lake):
            raise ConfigError(
                f"{self.path}: a DuckDB file, which needs no compaction; use --data with a lake"
            )
        return self._session.read(lambda connection: lake_compaction.compact(connection, since=since))

    def register_source(self, source: Source) -> None:
        """Insert or update the source's row, so that its batches can be loaded."""
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
        """Return the slugs of the registered sources."""
        return tuple(slug for (slug,) in self._session.run("sources/sources_all"))

    def load(self, batch: Batch, *, run_id: UUID) -> LoadResult:
        """Load the batch in one transaction, and return its counts.

        Raise WarehouseError if the source is not registered, and as `load_batch.load_batch` does.
        """
        source = self._get_source(batch.source)
        return self._session.write(
            lambda connection: load_batch(connection, batch, source, run_id, path=self.path)
        )

    def refresh_derived(self, source: str, identify: Identify) -> None:
        """Update the tables derived from the source's articles: coverage, people, search, duplicates."""
        self.rebuild_coverage(source)
        self.rebuild_people(source, identify)
        self.update_search_and_duplicates()

    def rebuild_coverage(self, source: str) -> None:
        """Rebuild the source's coverage of the days that a load or a query changed."""
        derived.rebuild_coverage(self._session, source)

    def rebuild_people(self, source: str, identify: Identify) -> None:
        """Rebuild the source's people. Raise WarehouseError if the source is not registered."""
        derived.rebuild_people(self._session, self._get_source(source), identify)

    def update_search_and_duplicates(self) -> None:
        """Add new and changed articles to the search index and to the clusters of duplicates."""
        derived.update_search_and_duplicates(self._session)

    def run_checks(
        self, source: str, *, files: Iterable[str], checked_at: datetime, run_id: UUID | None = None
    ) -> tuple[Finding, ...]:
        """Run all checks of the source after the run `run_id`, store the findings and return them.

        `files` are the names of the archive's files.
        """
        files = tuple(files)

        def run_once(connection: duckdb.DuckDBPyConnection) -> tuple[Finding, ...]:
            return checks.run_checks(
                connection, files=files, data_dir_id=self.data_dir_id, source=source, run_id=run_id
            )

        def run_with_retry(connection: duckdb.DuckDBPyConnection) -> tuple[Finding, ...]:
            findings = run_once(connection)
            # Checks catch their own errors, so the session cannot see that memory ran out.
            if not any(each.is_out_of_memory for each in findings):
                return findings
            with self._session.use_large_memory():
                return run_once(connection)

        findings = self._session.read(run_with_retry)
        self._session.run_all(
            ("checks/check_results_insert",),
            run_id=run_id,
            source=source,
            checked_at=checked_at,
            names=[each.check.name for each in findings],
            severities=[each.check.severity for each in findings],
            failing_rows=[each.failing_rows for each in findings],
            samples=[json.dumps(each.rows, ensure_ascii=False) for each in findings],
            errors=[each.error for each in findings],
        )
        return findings

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
        """Insert the run with the state `running`, and return its id."""
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
        """Update the run's row at its end; `new`, `changed` and `rejected` are the sums of its loads."""
        if not self.has_run(run_id):
            raise WarehouseError(f"{self.path}: no run {run_id}; start the run first")
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

    def list_running_runs(self) -> tuple[tuple[UUID, str, datetime], ...]:
        """Return id, source and start of the data directory's runs with the state `running`.

        If no other process writes from this data directory, these runs have crashed.
        """
        return tuple(self._session.run("runs/runs_running", data_dir_id=self.data_dir_id))

    def has_run(self, run_id: UUID) -> bool:
        """Return True if the warehouse has the run."""
        return bool(self._session.run("runs/run_lookup", run_id=run_id))

    def _get_source(self, slug: str) -> Source:
        if slug not in self._sources:
            raise WarehouseError(
                f"{self.path}: source {slug!r} is not registered; call register_source first"
            )
        return self._sources[slug]
