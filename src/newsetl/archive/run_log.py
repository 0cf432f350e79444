"""Run log: records of a run in its archive file, from its start to its end. Records ⇄ Notes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, get_args
from urllib.parse import urlsplit
from uuid import UUID

from newsetl import sources
from newsetl.archive.warc import Note
from newsetl.model import DiscoveredLink, DiscoveryMethod, DiscoveryQuery, Reject, Window
from newsetl.reasons import Reason
from newsetl.runtime import old_names
from newsetl.sources.config import Source


@dataclass(frozen=True, slots=True)
class RunStart:
    """A run as it began. `base_url` is where the source was served, if not at its own URL.

    `declaration` is the source's file as it was then, if it was none of the packaged ones.
    """

    run_id: UUID
    source: str
    kind: str
    since: date | None
    until: date | None
    started_at: datetime
    base_url: str | None = None
    is_incremental: bool = False
    declaration: str | None = None

    @property
    def window(self) -> Window:
        """The days that it asked for."""
        return Window(self.since, self.until)


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run as it ended."""

    state: str
    discovered: int
    already_loaded: int
    error: str | None
    ended_at: datetime
    failed_listings: int = 0


@dataclass(frozen=True, slots=True)
class DiscoveredLinks:
    """Links of one source that were discovered at one time."""

    source: str
    seen_at: datetime
    links: tuple[tuple[str, str, str | None, str | None, str | None, str], ...]

    @classmethod
    def from_links(cls, discovered_links: tuple[DiscoveredLink, ...]) -> DiscoveredLinks:
        """Build the event of `discovered_links`: at least one link, all of one source."""
        links = tuple(
            (
                each.method,
                each.url,
                each.section,
                each.title,
                each.published_on.isoformat() if each.published_on else None,
                each.discovered_from,
            )
            for each in discovered_links
        )
        return cls(discovered_links[0].source, discovered_links[0].first_seen_at, links)

    @property
    def discovered_links(self) -> tuple[DiscoveredLink, ...]:
        """One by one. Raises ValueError for nonsense."""
        return tuple(
            DiscoveredLink(
                self.source,
                url,
                get_args(DiscoveryMethod)[get_args(DiscoveryMethod).index(method)],
                section,
                title,
                date.fromisoformat(day) if day else None,
                discovered_from,
                self.seen_at,
            )
            for method, url, section, title, day, discovered_from in self.links
        )


Event = RunStart | Reject | RunEnd | DiscoveredLinks | DiscoveryQuery
EVENT_TYPES: dict[str, type[Event]] = {
    "run": RunStart,
    "reject": Reject,
    "end": RunEnd,
    "discovered_links": DiscoveredLinks,
    "discovery_query": DiscoveryQuery,
}


def build_run_start(
    source: Source,
    run_id: UUID,
    *,
    kind: str,
    window: Window,
    started_at: datetime,
    is_incremental: bool = False,
) -> RunStart:
    """Build the event that starts a run of `source`."""
    home = urlsplit(source.home)
    # Only `Source.at` allows private addresses.
    base_url = f"{home.scheme}://{home.netloc}" if source.fetch.is_private_allowed else None
    return RunStart(
        run_id,
        source.slug,
        kind,
        window.since,
        window.until,
        started_at,
        base_url,
        is_incremental,
        None if source.is_packaged else source.declaration or None,
    )


def load_run_source(start: RunStart, declared: tuple[Source, ...] = ()) -> Source:
    """Return the run's source: from `declared`, else from its current file, else as the run recorded it.

    Raise SourceError if there is no file, or an invalid one.
    """
    for source in declared:
        if source.slug == start.source:
            return source.with_base_url(start.base_url) if start.base_url else source
    if start.declaration is not None and start.source not in sources.list_all():
        source = sources.parse_toml(
            start.declaration, file=f"{start.source}.toml archived by the run of {start.started_at}"
        )
    else:
        source = sources.load(start.source)
    return source.with_base_url(start.base_url) if start.base_url else source


def build_note(event: Event) -> Note:
    """Build the note of `event` for the archive."""
    kind = next(kind for kind, made in EVENT_TYPES.items() if made is type(event))
    return Note(kind, {name: _to_json(value) for name, value in asdict(event).items()})


def parse_note(note: Note) -> Event | None:
    """Return the event of the note, None for another kind. Raise TypeError or ValueError for bad fields."""
    kind, said = old_names.rename_record(note.kind, note.fields)
    made = EVENT_TYPES.get(kind)
    if made is None:
        return None
    known = {field.name for field in fields(made)}
    # What a later newsetl says besides is left out.
    event: Event = made(**{name: _from_json(name, value) for name, value in said.items() if name in known})
    return event


def _to_json(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
    return value


def _from_json(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name.endswith("_at"):
        return datetime.fromisoformat(value)
    if name.endswith("_id"):
        return UUID(value)
    if name in ("since", "until"):
        return date.fromisoformat(value)
    return Reason(value) if name == "reason" else value
