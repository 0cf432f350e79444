"""The only writer of the warehouse: one batch, one transaction, and the same batch twice changes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self, cast
from uuid import UUID, uuid4

import duckdb
import pyarrow as pa

import newsetl
from newsetl import duplicates, incoming, indexing, lake, quality, schema
from newsetl.errors import ConfigError, WarehouseError
from newsetl.folder import Lake, Place
from newsetl.identity import Moment, Stories, Story
from newsetl.model import Batch, Link, LoadResult, Reason, Validators, Way, Window
from newsetl.publish import Publisher, When
from newsetl.quality import Finding
from newsetl.session import Session
from newsetl.sources import Source

_WRITES = (
    "captures_insert", "revisions_known", "captures_update",
    "pending_insert", "pending_days_known", "pending_days_insert",
    "article_bands_delete", "article_bands_insert",
    "articles_update", "articles_insert", "articles_seen",
    "revisions_touched", "revisions_captures", "revisions_found", "revisions_clear", "revisions_insert",
    "articles_changed",
    "article_urls_insert", "article_urls_seen", "article_urls_canonical",
    "credits_delete", "credits_insert", "images_delete", "images_insert", "teasers_delete", "teasers_insert",
    "rejects_supersede", "rejects_update", "rejects_insert",
    "requests_insert", "announcements_insert", "askings_insert",
)  # fmt: skip

# Without a row that was there before, there is none to bring up to date or to clear.
_WRITES_OF_NEW = tuple(
    name
    for name in _WRITES
    if name.split("_")[0] not in ("articles", "article", "credits", "images") or name.endswith("insert")
    if name != "pending_days_known"
)

# What does nothing if the batch brings none of these: a lake asks its catalog a dozen questions a statement.
_NEEDS = {
    "captures_insert": "captures", "captures_update": "readings", "pending_insert": "articles",
    "article_bands_insert": "bands", "articles_update": "articles", "articles_insert": "articles",
    "article_urls_insert": "urls", "credits_insert": "credits", "images_insert": "images",
    "teasers_delete": "readings", "teasers_insert": "teasers",
    "rejects_supersede": "rejects", "rejects_update": "rejects", "rejects_insert": "rejects",
    "requests_insert": "requests", "announcements_insert": "announcements", "askings_insert": "askings",
}  # fmt: skip

# These are for refusals that are open. The last is for articles that were here as well.
_RESOLVES = (
    "rejects_resolve_read", "rejects_resolve", "rejects_resolve_had", "rejects_resolve_lists", "gone_set",
)  # fmt: skip


_COVERING = (
    "coverage_asked", "coverage_touched", "coverage_clear", "coverage_make", "coverage_expected",
    "pending_days_end",
)  # fmt: skip

# Look for rows of the batch's articles or responses, in vain if both are new; teasers are of responses alone.
_OF_KNOWN = frozenset((
    "pending_insert", "articles_insert", "revisions_known", "revisions_touched", "revisions_captures",
    "article_urls_insert", "credits_insert", "images_insert", "teasers_insert",
))  # fmt: skip
# Do nothing if the batch's responses are new.
_OF_HELD = frozenset(("captures_update", "teasers_delete"))
_HELD = "SELECT 1 FROM captures SEMI JOIN incoming_readings USING (capture_id) LIMIT 1"

_OPEN = "SELECT 1 FROM rejects WHERE source = ? AND resolved_at IS NULL LIMIT 1"

# What may tell that an article is gone, as gone_set.sql has it.
_GONE = (Reason.DEAD_PAGE, Reason.REMOVED_PAGE, Reason.HTTP_STATUS)
_REFUSED = (
    "SELECT 1 FROM rejects SEMI JOIN incoming_urls USING (source, url) "
    f"WHERE resolved_at IS NULL AND reason IN {tuple(map(str, _GONE))} LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class OpenReject:
    """A refusal that is open; `file` and `offset` say where its response is, if there was one."""

    url: str | None
    reason: Reason
    stage: str
    rejected_at: datetime
    capture_id: UUID | None
    file: str | None
    offset: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a source's ledger: its state, how many articles it lacks, which ways were asked or failed."""

    state: str
    missing: int
    asked_by: frozenset[Way]
    failed_by: frozenset[Way]


@dataclass(frozen=True, slots=True)
class Page:
    """A stored response to a request for an article."""

    capture_id: UUID
    fetched_at: datetime
    file: str
    offset: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a capture: `article` (and its `urls`) only if the article's state is from it.

    `reason` is that of its open refusal, `hashes` are those of title and text.
    """

    article_id: UUID | None
    hashes: tuple[str | None, str | None]
    reason: str | None
    article: dict[str, Any] | None
    urls: tuple[str, ...] | None
    teasers: tuple[dict[str, Any], ...]


def _make(path: Path) -> None:
    """An empty warehouse, there as a whole or not at all."""
    fresh = path.with_name(f"{path.name}.fresh")
    with schema.refusing(path):
        for left in (fresh, fresh.with_name(f"{fresh.name}.wal")):
            left.unlink(missing_ok=True)
    with schema.opened(fresh, is_read_only=False) as connection, schema.refusing(path):
        schema.migrate(path, connection)
    with schema.refusing(path):
        fresh.rename(path)


class Warehouse:
    """A warehouse open for writing: made with its folder if it is not there, and brought to this schema.

    Raises WarehouseError if the file cannot be opened or written, is held by another process, is newer
    than this newsetl or is something else; so do its methods for what the disk or DuckDB refuses.
    One instance may be used from several threads.
    """

    def __init__(self, path: Place, *, published: Place | None = None, folder_id: UUID | None = None) -> None:
        self.path = path
        self.folder_id = folder_id
        self.publisher: Publisher | None = None
        self._sources: dict[str, Source] = {}
        if isinstance(path, Path):
            if isinstance(published, Path):
                self.publisher = Publisher(path, published)
            with schema.refusing(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _make(path)
        self._session = Session(path)
        try:
            with schema.refusing(path), self._session.room():
                schema.migrate(path, self.connection)
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

    def publish(self, *, run_id: UUID | None = None, when: When = "now") -> str | None:
        """Copies what is loaded to where readers open it; why that failed, None if it did not.

        "changed": unless the copy there has it all; "due": unless copying has taken more than its share of
        the run's time. `run_id` is what the copy says it is of, by default the newest run. Of a lake there
        is none: readers open it itself.
        """
        publisher = self.publisher
        if not publisher:
            return None
        return self._session.read(lambda connection: publisher.publish(connection, run_id=run_id, when=when))

    def compact(self, *, since: datetime) -> lake.Compacted:
        """A lake has fewer and larger files, and its versions since then. Raises ConfigError for a file."""
        if not isinstance(self.path, Lake):
            raise ConfigError(f"{self.path}: a DuckDB file, which needs no compacting")
        return self._session.read(lambda connection: lake.compact(connection, since=since))

    def register_source(self, source: Source) -> None:
        """Records what the source's file declares; its batches can be loaded from now on."""
        self._write(("pending_days_all",), slug=source.slug, timezone=source.timezone.key)
        self._write(
            ("source_update", "source_insert"),
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

    def sources(self) -> tuple[str, ...]:
        """The slugs of the sources that it has."""
        return tuple(slug for (slug,) in self._run("sources_all"))

    def known_urls(self, source: str, *, due_before: datetime, is_wanted: bool = False) -> frozenset[str]:
        """Addresses that need no fetch: those of articles that the site has given us, and refused ones.

        Refused ones are left out if they are due at `due_before`, or if they are wanted and not hopeless.
        """
        found = self._run("known_urls", source=source, due_before=due_before, is_wanted=is_wanted)
        return frozenset(url for (url,) in found)

    def known_copies(self, source: str) -> frozenset[str]:
        """Addresses in archives whose copies are here."""
        return frozenset(url for (url,) in self._run("known_copies", source=source))

    def due_links(self, source: str, *, now: datetime) -> tuple[Link, ...]:
        """Refused addresses that the daily run has met and that are due again, as they were announced."""
        found = self._run("due_links", source=source, now=now)
        return tuple(Link(source, url, found_on, title, section) for url, found_on, title, section in found)

    def listings(self, source: str, *, since: datetime) -> tuple[str, ...]:
        """The listings that were read since then and are not refused now, by their first pages."""
        return tuple(url for (url,) in self._run("followed_listings", source=source, since=since))

    def recent_articles(
        self, source: str, *, since: date, asked_before: datetime
    ) -> dict[Link, Validators | None]:
        """Articles since that day which the site was not asked for since then, and what to ask with."""
        found = self._run("recent_articles", source=source, since=since, asked_before=asked_before)
        return {
            Link(source, url, url, section=section): Validators(etag, last_modified, file, offset)
            if file and (etag or last_modified)
            else None
            for url, section, etag, last_modified, file, offset in found
        }

    def followed(self, source: str) -> date | None:
        """The day at which the source's last daily run began, or was sent back to; None before any."""
        ((day,),) = self._run("followed", source=source)
        return cast("date | None", day)

    def intervene(
        self, source: str, *, made_at: datetime, rewind_on: date | None = None, url: str | None = None
    ) -> None:
        """Sends the next daily run back to a day, or makes it forget an address."""
        kind = "rewind" if url is None else "forget"
        self._write(("intervene",), source=source, kind=kind, rewind_on=rewind_on, url=url, made_at=made_at)

    def interventions(self) -> tuple[dict[str, Any], ...]:
        """Every intervention, as `intervene` takes it."""
        names = ("source", "rewind_on", "url", "made_at")
        return tuple(dict(zip(names, row, strict=True)) for row in self._run("interventions_all"))

    def derive(self, source: str) -> None:
        """What follows from the source's other tables after a load: its ledger, its people, what is alike."""
        self.cover(source)
        self.identify(source)
        self.relate()

    def cover(self, source: str) -> None:
        """The source's ledger says what was asked, announced and loaded: the days touched are made anew."""
        self._write(_COVERING, source=source)

    def days(self, source: str) -> dict[date, Day]:
        """Day → how it stands in the ledger."""
        return {
            day: Day(state, missing, frozenset(asked_by), frozenset(failed_by))
            for day, state, missing, asked_by, failed_by in self._run("coverage_days", source=source)
        }

    def examine(
        self, source: str, *, files: Iterable[str], checked_at: datetime, run_id: UUID | None = None
    ) -> tuple[Finding, ...]:
        """What the checks find of the source once `run_id` has loaded; it is kept.

        `files` are those of the archive.
        """
        files = tuple(files)

        def look(connection: duckdb.DuckDBPyConnection) -> tuple[Finding, ...]:
            return quality.examine(
                connection, files=files, folder_id=self.folder_id, source=source, run_id=run_id
            )

        def examine(connection: duckdb.DuckDBPyConnection) -> tuple[Finding, ...]:
            found = look(connection)
            # A check raises nothing: the session does not learn what did not fit.
            if not any((each.error or "").startswith("Out of Memory") for each in found):
                return found
            with self._session.room():
                return look(connection)

        found = self._session.read(examine)
        self._write(
            ("check_results_insert",),
            run_id=run_id,
            source=source,
            checked_at=checked_at,
            names=[each.check.name for each in found],
            severities=[each.check.severity for each in found],
            wrong=[each.wrong for each in found],
            samples=[json.dumps(each.rows, ensure_ascii=False) for each in found],
            errors=[each.error for each in found],
        )
        return found

    def identify(self, source: str) -> None:
        """The source's people are made anew from the names that are printed and its corrections.

        Raises WarehouseError if the source is not registered.
        """
        from newsetl import people  # noqa: PLC0415  # the readings of all characters: half a second

        declared = self._declared(source)

        def identify(connection: duckdb.DuckDBPyConnection) -> None:
            connection.execute(schema.sql("load/people_printed"), {"source": source})
            names = connection.execute("SELECT name, kind FROM printed").fetchall()
            with _registered(connection, incoming.identified(people.identify(names, declared))):
                for name in ("person_claims_clear", "person_claims_insert", "people_clear", "people_insert"):
                    connection.execute(schema.sql(f"load/{name}"), {"source": source})
            connection.execute("DROP TABLE printed")

        self._session.write(identify)

    def relate(self) -> None:
        """What is new or has changed can be searched, and stands in the clusters of its stories.

        Done in steps of a thousand articles; what a killed process leaves is done the next time.
        """

        def relate(connection: duckdb.DuckDBPyConnection) -> None:
            indexing.begin(connection)
            duplicates.fill(connection)
            indexing.index(connection)
            duplicates.pair(connection)
            duplicates.cluster(connection)
            indexing.end(connection)

        while self._session.read(indexing.has_pending):
            self._session.write(relate)

    def validators(self, source: str) -> dict[str, Validators]:
        """Address → what to ask with, for the pages that announce articles and can be asked conditionally."""
        return {url: Validators(*row) for url, *row in self._run("known_validators", source=source)}

    def last_asked(self, *, now: datetime) -> dict[str, datetime]:
        """Host → when its last response ended, if that was within the hour."""
        return dict(self._run("last_asked", now=now))

    def start_run(
        self,
        source: str,
        *,
        kind: str,
        window: Window,
        started_at: datetime,
        run_id: UUID | None = None,
        is_following: bool = False,
    ) -> UUID:
        """Records a run as running."""
        run_id = run_id or uuid4()
        self._write(
            ("run_start",),
            run_id=run_id,
            source=source,
            kind=kind,
            since=window.since,
            until=window.until,
            started_at=started_at,
            is_following=is_following,
            newsetl_version=newsetl.__version__,
            folder_id=self.folder_id,
        )
        return run_id

    def finish_run(
        self,
        run_id: UUID,
        *,
        ended_at: datetime,
        state: str,
        found: int,
        known: int,
        lost_listings: int = 0,
        error: str | None = None,
    ) -> None:
        """Records the run's end; new, changed and refused are the sums of its loads."""
        if not self.has_run(run_id):
            raise WarehouseError(f"{self.path}: no run {run_id} to finish")
        self._write(
            ("run_end",),
            run_id=run_id,
            ended_at=ended_at,
            state=state,
            found=found,
            known=known,
            lost_listings=lost_listings,
            error=error,
        )

    def running_runs(self) -> tuple[tuple[UUID, str, datetime], ...]:
        """Run, source and start of the folder's runs that have not ended.

        They are dead, if nobody else writes from this folder.
        """
        return tuple(self._run("runs_running", folder_id=self.folder_id))

    def has_run(self, run_id: UUID) -> bool:
        """True if the run was started here."""
        return bool(self._run("run_lookup", run_id=run_id))

    def held_captures(self, capture_ids: Iterable[UUID]) -> frozenset[UUID]:
        """Those of the captures that are here."""
        found = self._named(capture_ids, "captures_lookup")
        return frozenset(capture_id for capture_id, _ in found)

    def known_captures(self) -> frozenset[UUID]:
        """All captures that the archive is said to hold."""
        return frozenset(capture_id for (capture_id,) in self._run("captures_all"))

    def open_rejects(self, source: str) -> tuple[OpenReject, ...]:
        """The source's refusals that are open, the oldest first."""
        return tuple(
            OpenReject(url, Reason(reason), *rest)
            for url, reason, *rest in self._run("rejects_open", source=source)
        )

    def pages(self, source: str) -> tuple[Page, ...]:
        """The source's captures that a parser can read, in the order of the archive."""
        return tuple(Page(*row) for row in self._run("captures_pages", source=source))

    def readings(self, capture_ids: Iterable[UUID]) -> dict[UUID, Reading]:
        """What was read from each of the captures, as it stands here."""
        found = self._named(capture_ids, "readings_lookup")
        return {
            capture_id: Reading(article_id, (title_hash, text_hash), *rest)
            for capture_id, article_id, title_hash, text_hash, *rest in found
        }

    def load(self, batch: Batch, *, run_id: UUID) -> LoadResult:
        """Writes the batch in one transaction.

        An article without a capture counts as fetched when the run started. Raises WarehouseError if
        the source is not registered, the run was not started, or an article's capture is neither in the
        batch nor in the warehouse.
        """
        source = self._declared(batch.source)

        def load(connection: duckdb.DuckDBPyConnection) -> LoadResult:
            stories, readings = self._recognised(connection, batch, source, run_id)
            tables = incoming.tables(batch, source, run_id, stories, readings)
            is_known = any(not story.is_new for story in stories)
            written: Counter[str] = Counter()
            with _registered(connection, tables):
                is_held = bool(connection.execute(_HELD).fetchall())
                for name in _WRITES if is_known else _WRITES_OF_NEW:
                    if name in _OF_HELD and not is_held:
                        continue
                    if name not in _NEEDS or tables[_NEEDS[name]].num_rows:
                        is_any = is_held or (is_known and name != "teasers_insert")
                        knowing = {"is_known": is_any} if name in _OF_KNOWN else {}
                        statement = schema.sql(f"load/{name}")
                        ((written[name],),) = connection.execute(statement, knowing).fetchall()
                is_open = connection.execute(_OPEN, [source.slug]).fetchall()
                is_gone = any(reject.reason in _GONE for reject in batch.rejects) or (
                    is_open and connection.execute(_REFUSED).fetchall()
                )
                for name in _RESOLVES if is_open else _RESOLVES[-1:]:
                    if name == "gone_set" and not is_known and not is_gone:
                        continue
                    resolving = {"run_id": run_id} if name in _RESOLVES[:-1] else {}
                    connection.execute(schema.sql(f"load/{name}"), resolving)
                if is_open or tables["rejects"].num_rows:
                    connection.execute(schema.sql("load/pending_days_refused"), {"run_id": run_id})
                for name in ("known_states", "found_states", "touched_articles", "touched_captures"):
                    connection.execute(f"DROP TABLE {name}")
            new = sum(story.is_new for story in stories)
            changed = sum(story.is_changed and not story.is_new for story in stories)
            refused = written["rejects_insert"] + written["rejects_update"]
            counts = {"run_id": run_id, "new": new, "changed": changed, "refused": refused}
            connection.execute(schema.sql("load/run_counts"), counts)
            return LoadResult(new=new, changed=changed, known=len(stories) - new - changed, rejects=refused)

        return self._session.write(load)

    def _declared(self, slug: str) -> Source:
        if slug not in self._sources:
            raise WarehouseError(f"{self.path}: source {slug!r} is not registered")
        return self._sources[slug]

    def _recognised(
        self, connection: duckdb.DuckDBPyConnection, batch: Batch, source: Source, run_id: UUID
    ) -> tuple[tuple[Story, ...], dict[UUID, UUID]]:
        """The rows that the batch's articles are, and which article each capture became."""
        fetched_at = self._fetched_at(connection, batch, run_id)
        stories = Stories(source)
        with _registered(connection, incoming.pages(batch.articles)):
            known = connection.execute(schema.sql("load/articles_lookup")).fetchall()
        for published_at, precision, state_fetched_at, capture_id, urls, forms, *row in known:
            article_id, title_hash, text_hash, lead, first_seen_at, changed_at = row
            story = Story(
                article_id,
                title_hash,
                text_hash,
                lead,
                first_seen_at,
                changed_at,
                state_at=(state_fetched_at, str(capture_id or "")),
                urls=dict(zip(urls, forms, strict=True)),
            )
            stories.know(story, published_at, precision)
        readings: dict[UUID, UUID] = {}
        for article in batch.articles:
            moment: Moment = (fetched_at[article.capture_id], str(article.capture_id or ""))
            story = stories.place(article, moment)
            if article.capture_id is not None:
                readings[article.capture_id] = story.article_id
        return stories.fold(), readings

    def _fetched_at(
        self, connection: duckdb.DuckDBPyConnection, batch: Batch, run_id: UUID
    ) -> dict[UUID | None, datetime]:
        started = connection.execute("SELECT started_at FROM runs WHERE run_id = ?", [run_id]).fetchall()
        if not started:
            raise WarehouseError(f"{self.path}: no run {run_id} to load for")
        fetched_at: dict[UUID | None, datetime] = {None: started[0][0]}
        fetched_at |= {capture.capture_id: capture.fetched_at for capture in batch.captures}
        if named := {article.capture_id for article in batch.articles} - fetched_at.keys():
            with _registered(connection, incoming.named(named)):
                fetched_at |= dict(connection.execute(schema.sql("load/captures_lookup")).fetchall())
            if missing := named - fetched_at.keys():
                raise WarehouseError(
                    f"{self.path}: an article was read from capture {missing.pop()}, which is neither in the "
                    "batch nor in the warehouse"
                )
        return fetched_at

    def _named(self, capture_ids: Iterable[UUID], statement: str) -> list[Any]:
        """What the statement finds of the captures."""
        named = incoming.named(capture_ids)

        def look(connection: duckdb.DuckDBPyConnection) -> list[Any]:
            with _registered(connection, named):
                return connection.execute(schema.sql(f"load/{statement}")).fetchall()

        return self._session.read(look)

    def _run(self, statement: str, /, **parameters: object) -> list[Any]:
        """What a statement finds that writes nothing."""
        return self._session.read(
            lambda connection: connection.execute(schema.sql(f"load/{statement}"), parameters).fetchall()
        )

    def _write(self, statements: Iterable[str], /, **parameters: object) -> None:
        """Runs the statements in one transaction."""

        def write(connection: duckdb.DuckDBPyConnection) -> None:
            for statement in statements:
                connection.execute(schema.sql(f"load/{statement}"), parameters)

        self._session.write(write)


@contextmanager
def _registered(connection: duckdb.DuckDBPyConnection, tables: dict[str, pa.Table]) -> Iterator[None]:
    """Makes each table `incoming_<name>` for the statements inside.

    They are copied: DuckDB 1.5 cannot filter a UUID column of Arrow's where it lies.
    """
    for name, table in tables.items():
        connection.register("arriving", table)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE incoming_{name} AS FROM arriving")
        connection.unregister("arriving")
    yield
    for name in tables:
        connection.execute(f"DROP TABLE incoming_{name}")
