"""What a run writes of itself into its archive file, from its start to its end. Records ⇄ Notes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, get_args
from urllib.parse import urlsplit
from uuid import UUID

from newsetl import sources
from newsetl.model import Announcement, Asking, Reason, Reject, Way, Window
from newsetl.sources import Source
from newsetl.warc import Note


@dataclass(frozen=True, slots=True)
class RunStart:
    """A run as it began. `at` is where the source was served, if not at its own address.

    `declaration` is the source's file as it was then, if it was none of the packaged ones.
    """

    run_id: UUID
    source: str
    kind: str
    since: date | None
    until: date | None
    started_at: datetime
    at: str | None = None
    is_following: bool = False
    declaration: str | None = None

    @property
    def window(self) -> Window:
        """The days that it asked for."""
        return Window(self.since, self.until)


@dataclass(frozen=True, slots=True)
class RunEnd:
    """A run as it ended."""

    state: str
    found: int
    known: int
    error: str | None
    ended_at: datetime
    lost_listings: int = 0


@dataclass(frozen=True, slots=True)
class Announced:
    """Articles that were announced, of one source and seen at one time."""

    source: str
    seen_at: datetime
    links: tuple[tuple[str, str, str | None, str | None, str | None, str], ...]

    @classmethod
    def of(cls, announcements: tuple[Announcement, ...]) -> Announced:
        """All of `announcements`, which are of one source and at least one."""
        links = tuple(
            (
                each.way,
                each.url,
                each.section,
                each.title,
                each.announced_on.isoformat() if each.announced_on else None,
                each.found_on,
            )
            for each in announcements
        )
        return cls(announcements[0].source, announcements[0].first_seen_at, links)

    @property
    def announcements(self) -> tuple[Announcement, ...]:
        """One by one. Raises ValueError for nonsense."""
        return tuple(
            Announcement(
                self.source,
                url,
                get_args(Way)[get_args(Way).index(way)],
                section,
                title,
                date.fromisoformat(day) if day else None,
                found_on,
                self.seen_at,
            )
            for way, url, section, title, day, found_on in self.links
        )


Event = RunStart | Reject | RunEnd | Announced | Asking
KINDS: dict[str, type[Event]] = {
    "run": RunStart,
    "refusal": Reject,
    "end": RunEnd,
    "announced": Announced,
    "asked": Asking,
}


def start_of(
    source: Source,
    run_id: UUID,
    *,
    kind: str,
    window: Window,
    started_at: datetime,
    is_following: bool = False,
) -> RunStart:
    """The start of a run of `source`."""
    home = urlsplit(source.home)
    # Only `Source.at` allows private addresses.
    at = f"{home.scheme}://{home.netloc}" if source.fetch.is_private_allowed else None
    return RunStart(
        run_id,
        source.slug,
        kind,
        window.since,
        window.until,
        started_at,
        at,
        is_following,
        None if source.is_packaged else source.declaration or None,
    )


def source_of(start: RunStart, declared: tuple[Source, ...] = ()) -> Source:
    """The source of the run: one of `declared`, else as its file is today, else as it was then.

    Raises SourceError if its file is nowhere, or wrong.
    """
    for source in declared:
        if source.slug == start.source:
            return source.at(start.at) if start.at else source
    if start.declaration is not None and start.source not in sources.known():
        source = sources.read(
            start.declaration, file=f"{start.source}.toml as the run of {start.started_at} had it"
        )
    else:
        source = sources.load(start.source)
    return source.at(start.at) if start.at else source


def note_of(event: Event) -> Note:
    """`event` as the archive keeps it."""
    kind = next(kind for kind, made in KINDS.items() if made is type(event))
    return Note(kind, {name: _plain(value) for name, value in asdict(event).items()})


def event_of(note: Note) -> Event | None:
    """What the note says; None if it is of another kind. Raises TypeError or ValueError for nonsense."""
    made = KINDS.get(note.kind)
    if made is None:
        return None
    known = {field.name for field in fields(made)}
    # What a later newsetl says besides is left out.
    event: Event = made(**{name: _typed(name, value) for name, value in note.fields.items() if name in known})
    return event


def _plain(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return str(value)
    return value


def _typed(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name.endswith("_at"):
        return datetime.fromisoformat(value)
    if name.endswith("_id"):
        return UUID(value)
    if name in ("since", "until"):
        return date.fromisoformat(value)
    return Reason(value) if name == "reason" else value
