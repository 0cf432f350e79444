"""Printed dates → moments: what the page says, in the source's timezone, with the precision it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from newsetl.errors import NormaliseError
from newsetl.model import Precision, Reason
from newsetl.wording import DATE

# A server's clock may be ahead of ours, and a page is never published long after it was fetched.
_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment in UTC and how precise it is; with "day" or "month" the first moment of it, local time."""

    at: datetime
    precision: Precision


def read_date(raw: str, zone: ZoneInfo) -> Stamp:
    """The moment that `raw` prints. Raises NormaliseError(bad_date) if it is none."""
    found = DATE.search(raw)
    if not found:
        raise NormaliseError(Reason.BAD_DATE, f"{raw!r} is not a date that is known here; add a correction")
    year, month, day = (int(found.group(name)) for name in ("year", "month", "day"))
    hour, minute, second = (int(found.group(name) or 0) for name in ("hour", "minute", "second"))
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NormaliseError(Reason.BAD_DATE, f"{raw!r} is not a date: {error}") from None
    if found.group("hour") is None:
        return Stamp(at, "day")
    return Stamp(at, "second" if found.group("second") else "minute")


def first_moment(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of `day` in `zone`, in UTC. Raises NormaliseError(bad_date) if UTC has no such day."""
    try:
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    except OverflowError as error:
        raise NormaliseError(Reason.BAD_DATE, f"{day} is not a date of any page: {error}") from None


def refuse_impossible(
    stamp: Stamp, raw: str, *, zone: ZoneInfo, first_day: date, fetched_at: datetime
) -> None:
    """Raise NormaliseError for a date after the page was fetched or before the source existed."""
    if stamp.at > fetched_at + _AHEAD:
        raise NormaliseError(
            Reason.FUTURE_DATE, f"{raw!r} lies after the capture of {fetched_at:%Y-%m-%d %H:%M} UTC"
        )
    if stamp.at.astimezone(zone).date() < first_day:
        raise NormaliseError(Reason.DATE_BEFORE_SOURCE, f"{raw!r} lies before the source began ({first_day})")
