"""Printed dates → moments: what the page says, in the source's timezone, with the precision it has."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from newsetl.errors import NormaliseError
from newsetl.model import Precision, Reason
from newsetl.sources import Read
from newsetl.wording import day_of

# A server's clock may be ahead of ours, and a page is never published long after it was fetched.
_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment in UTC and how precise it is; with "day" or "month" the first moment of it, local time."""

    at: datetime
    precision: Precision


def read_date(raw: str, zone: ZoneInfo, read: Read) -> Stamp:
    """The moment that `raw` prints in one of the forms of `read`; without an offset it is of `zone`.

    Raises NormaliseError(bad_date) if it is none.
    """
    found = read.dates.search(raw)
    if not found:
        raise NormaliseError(Reason.BAD_DATE, f"{raw!r} is not a date that is known here; add a correction")
    said = found.groupdict()
    hour, minute, second = (int(said.get(name) or 0) for name in ("hour", "minute", "second"))
    try:
        if half := said.get("half"):
            hour = _hour_of_day(hour, half)
        local = zone if not said.get("offset") else _offset(str(said["offset"]))
        at = datetime(*day_of(found), hour, minute, second, tzinfo=local).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NormaliseError(Reason.BAD_DATE, f"{raw!r} is not a date: {error}") from None
    if said.get("hour") is None:
        return Stamp(at, "day")
    return Stamp(at, "second" if said.get("second") else "minute")


def in_this_calendar(stamp: Stamp, offset: int, fetched_at: datetime) -> Stamp:
    """The moment `offset` years before one that lies in the future: a clock with another calendar printed it.

    The Buddhist era is 543 years ahead. Without an offset, and of the past, it is as it was.
    """
    if not offset or stamp.at.year <= fetched_at.year + 1 or stamp.at.year - offset < 1:
        return stamp
    # There is no 29 February in every year.
    day = min(stamp.at.day, calendar.monthrange(stamp.at.year - offset, stamp.at.month)[1])
    return Stamp(stamp.at.replace(year=stamp.at.year - offset, day=day), stamp.precision)


def _hour_of_day(hour: int, half: str) -> int:
    if not 1 <= hour <= 12:
        # 14:30 PM says the same twice.
        return hour
    return hour % 12 + (12 if half[0] in "pP" else 0)


def _offset(text: str) -> timezone:
    """`+8`, `+08:00`, `-0330`."""
    hours, _, minutes = text.strip().lstrip("+-").partition(":")
    if len(hours) > 2:
        hours, minutes = hours[:-2], hours[-2:]
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-ahead if text.strip().startswith("-") else ahead)


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
