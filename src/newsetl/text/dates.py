"""Parsing of printed dates into UTC times with a precision."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from newsetl.errors import NormaliseError
from newsetl.model import Precision
from newsetl.reasons import Reason
from newsetl.text.date_patterns import DATE, DateFormats, parse_day, parse_month

# The clock of a server may be ahead of the local clock.
_MAX_CLOCK_SKEW = timedelta(hours=1)
_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
# `31 March 2021`, `March 31st, 2021`, `31-Mar-2021`.
_NAMED = re.compile(
    rf"\b(?:{_DAY}[\s.,/-]{{1,3}}(?:of\s+)?{_MONTH}[\s.,/-]{{1,3}}{_YEAR}"
    rf"|{_MONTH.replace('name', 'name2')}[\s-]{{0,2}}{_DAY.replace('day', 'day2')}"
    rf"\s*,?[\s-]{{0,2}}{_YEAR.replace('year', 'year2')})",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    r"(?<![\w-])(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)"
    r"(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?)?(?![\d-])"
)
_MONTH_ONLY = re.compile(
    rf"^\s*(?:(?P<year>(?:19|20)\d\d)-(?P<month>[01]\d)|{_MONTH},?\s+(?P<year2>(?:19|20)\d\d))\s*$", re.I
)
_EPOCH = re.compile(r"^\s*(?P<seconds>1\d{9})(?:\d{3})?(?:\.0)?\s*$")
_CLOCK = (
    r"(?P<hour>[0-2]?\d)(?:[:.h](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,:]\d+)?)?\s*(?P<half>[ap]\.?m\b\.?)?"
    r"|\s*(?P<half2>[ap]\.?m\b\.?))"
)
_AFTER = re.compile(rf"[\s,|·•–—-]*(?:T|at\b|@)?[\s,]*{_CLOCK}", re.IGNORECASE)
_BEFORE = re.compile(rf"(?<![\d:]){_CLOCK}(?P<between>[^\d:]{{0,25}}?)$", re.IGNORECASE)
_OFFSET = re.compile(
    r"\s*\(?(?:(?P<zulu>Z\b|UTC\b(?!\s*[+-])|GMT\b(?!\s*[+-]))"
    r"|(?:UTC|GMT)?\s?(?P<sign>[+-])(?P<hours>[01]?\d)(?::?(?P<minutes>[0-5]\d))?(?!\d)|(?P<zone>[A-Z]{2,4}\b))"
)
# Unambiguous abbreviations only: CST, IST and others stand for several zones.
_ZONES: dict[str, tzinfo] = {
    "ET": ZoneInfo("America/New_York"), "CT": ZoneInfo("America/Chicago"),
    "PT": ZoneInfo("America/Los_Angeles"),
} | {
    name: timezone(timedelta(hours=hours))
    for name, hours in {
        "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "CET": 1, "CEST": 2,
        "EET": 2, "EEST": 3, "JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "AEST": 10, "AEDT": 11, "NZST": 12,
        "NZDT": 13,
    }.items()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """Time in UTC with its precision; for "day" and "month" the start of the local day or month.

    `zone` is the zone printed beside the time, None if no zone is printed.
    """

    at: datetime
    precision: Precision
    zone: tzinfo | None = None


def parse_date(raw: str, zone: tzinfo, formats: DateFormats | None = None) -> ParsedDate:
    """Parse the printed date `raw`, in `zone` unless the text names a zone.

    `formats` are the date formats that a source declares; None allows every format known to this module.
    Raise NormaliseError(bad_date) if `raw` is no date.
    """
    try:
        stamp = (
            _parse_any_format(raw, zone) if formats is None else _parse_declared_format(raw, zone, formats)
        )
    except (ValueError, OverflowError) as error:
        raise NormaliseError(Reason.BAD_DATE, f"{raw!r} is not a date: {error}") from None
    if stamp is None:
        raise NormaliseError(Reason.BAD_DATE, f"{raw!r} is in no known date format")
    return stamp


def find_date_text(text: str) -> re.Match[str] | None:
    """Find a date with its year in `text`: in figures with the year first, or with the month's name."""
    return DATE.search(text) or _NAMED.search(text) or _COMPACT.search(text)


def is_month(text: str) -> bool:
    """Return True if `text` is a month with its year and nothing else."""
    return _MONTH_ONLY.match(text) is not None


def _parse_any_format(raw: str, zone: tzinfo) -> ParsedDate | None:
    if epoch := _EPOCH.match(raw):
        return ParsedDate(datetime.fromtimestamp(int(epoch["seconds"]), UTC), "second", UTC)
    if month := _MONTH_ONLY.match(raw):
        number = parse_month(month["month"] or month["name"])
        return ParsedDate(_build_utc(zone, int(month["year"] or month["year2"]), number, 1), "month")
    match = find_date_text(raw)
    if not match:
        return None
    parts = match.groupdict()
    name = parts.get("name") or parts.get("name2")
    day = (
        int(parts.get("year") or parts["year2"]),
        parse_month(name or parts["month"]),
        int(parts.get("day") or parts["day2"]),
    )
    clock, end = (parts, match.end()) if parts.get("hour") else _find_time(raw, match)
    if clock is None:
        return ParsedDate(_build_utc(zone, *day), "day")
    half = (clock.get("half") or clock.get("half2") or "").casefold()[:1]
    if not half and (suffix := re.match(r"\s*([ap])\.?m\b\.?", raw[end:], re.IGNORECASE)):
        half, end = suffix[1].casefold(), end + suffix.end()
    hour = _to_24_hours(int(clock["hour"]), half) if half else int(clock["hour"])
    is_printed, printed_zone = _parse_zone(raw[end:])
    at = _build_utc(printed_zone or zone, *day, hour, int(clock["minute"] or 0), int(clock["second"] or 0))
    return ParsedDate(at, "second" if clock["second"] else "minute", printed_zone if is_printed else None)


def _find_time(raw: str, match: re.Match[str]) -> tuple[dict[str, str] | None, int]:
    """Return the time after or before the date, None if there is none, and the end position."""
    if after := _AFTER.match(raw, match.end()):
        return after.groupdict(), after.end()
    if before := _BEFORE.search(raw, max(0, match.start() - 60), match.start()):
        return before.groupdict(), before.start("between")
    return None, match.end()


def _parse_zone(rest: str) -> tuple[bool, tzinfo | None]:
    """Return True and the zone if `rest` begins with a zone or an offset."""
    match = _OFFSET.match(rest)
    if not match:
        return False, None
    if match["zulu"]:
        return True, UTC
    if match["sign"]:
        offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        return True, timezone(offset if match["sign"] == "+" else -offset)
    zone = _ZONES.get(match["zone"])
    return zone is not None, zone


def _build_utc(zone: tzinfo, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=zone).astimezone(UTC)  # type: ignore[arg-type,misc]  # three to six numbers


def _parse_declared_format(raw: str, zone: tzinfo, formats: DateFormats) -> ParsedDate | None:
    match = formats.search(raw)
    if not match:
        return None
    groups = match.groupdict()
    hour, minute, second = (int(groups.get(name) or 0) for name in ("hour", "minute", "second"))
    if half := groups.get("half"):
        hour = _to_24_hours(hour, half)
    local = zone if not groups.get("offset") else _parse_offset(str(groups["offset"]))
    at = datetime(*parse_day(match), hour, minute, second, tzinfo=local).astimezone(UTC)
    if groups.get("hour") is None:
        return ParsedDate(at, "day")
    return ParsedDate(at, "second" if groups.get("second") else "minute")


def convert_calendar(stamp: ParsedDate, offset: int, fetched_at: datetime) -> ParsedDate:
    """Convert a date in the future from a calendar that is `offset` years ahead, such as the Buddhist era.

    The Buddhist era is 543 years ahead. Return `stamp` unchanged if `offset` is 0, or if `stamp` is not
    more than a year after `fetched_at`.
    """
    if not offset or stamp.at.year <= fetched_at.year + 1 or stamp.at.year - offset < 1:
        return stamp
    # 29 February does not exist in every year.
    day = min(stamp.at.day, calendar.monthrange(stamp.at.year - offset, stamp.at.month)[1])
    return replace(stamp, at=stamp.at.replace(year=stamp.at.year - offset, day=day))


def _to_24_hours(hour: int, half: str) -> int:
    if not 1 <= hour <= 12:
        # 14:30 PM is in 24 hours already.
        return hour
    return hour % 12 + (12 if half[0] in "pP" else 0)


def _parse_offset(text: str) -> timezone:
    """Parse an offset such as `+8`, `+08:00` or `-0330`."""
    hours, _, minutes = text.strip().lstrip("+-").partition(":")
    if len(hours) > 2:
        hours, minutes = hours[:-2], hours[-2:]
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if text.strip().startswith("-") else offset)


def get_day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the start of `day` in `zone`, in UTC. Raise NormaliseError(bad_date) if it is out of range."""
    try:
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    except OverflowError as error:
        raise NormaliseError(Reason.BAD_DATE, f"{day} is out of range: {error}") from None


def check_plausible(
    parsed: ParsedDate, raw: str, *, zone: ZoneInfo, first_day: date, fetched_at: datetime
) -> None:
    """Raise NormaliseError for a date after the page was fetched or before the source existed."""
    if parsed.at > fetched_at + _MAX_CLOCK_SKEW:
        raise NormaliseError(
            Reason.FUTURE_DATE,
            f"{raw!r} is later than the capture of {fetched_at:%Y-%m-%d %H:%M} UTC",
            retry_at=parsed.at,
        )
    if parsed.at.astimezone(zone).date() < first_day:
        raise NormaliseError(
            Reason.DATE_BEFORE_SOURCE, f"{raw!r} is earlier than first_day of the source ({first_day})"
        )
