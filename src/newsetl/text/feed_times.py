"""Times in feeds, sitemaps, listings and search results, in the forms that sites really send."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from newsetl.errors import NormaliseError
from newsetl.text.dates import parse_date
from newsetl.text.mail_dates import parse_mail_date

# No news is from another year, and a timezone overflows at the limits of datetime.
_PLAUSIBLE_YEARS = range(1900, 2200)
_ZONE_NAME = re.compile(r"\b(?!AM\b|PM\b|UTC\b|GMT\b)([A-Z]{3,5})\b(?=\W*(?:\d{4}\W*)?$)")
# Names that text.dates leaves out, because they stand for several zones or are rare. The most common one.
_ZONES = {
    "IST": 5.5, "BST": 1, "MSK": 3, "WIB": 7, "ICT": 7, "PHT": 8, "MYT": 8, "PKT": 5, "NPT": 5.75,
    "AWST": 8, "ACST": 9.5, "ACDT": 10.5, "SAST": 2, "EAT": 3, "CAT": 2, "WAT": 1, "WET": 0, "WEST": 1,
    "MEZ": 1, "MESZ": 2, "MET": 1, "MEST": 2, "BRT": -3, "ART": -3, "AKST": -9, "AKDT": -8, "HST": -10,
    "GST": 4, "AST": -4, "ADT": -3,
}  # fmt: skip


def parse_feed_time(text: str, zone: ZoneInfo) -> datetime | None:
    """Parse a time into UTC, in `zone` unless the text names one. Return None for other text.

    A name that stands for several zones is the one of `zone`, if that has it; CST is China's east of
    Greenwich and America's west of it.
    """
    text = text.strip()
    named = _ZONE_NAME.search(text)
    local: tzinfo = zone
    if named and (found := _find_zone(named[1], zone)):
        local, text = found, f"{text[: named.start()]}{text[named.end() :]}".strip()
    for parse in (_parse_iso, _parse_printed, parse_mail_date):
        moment = parse(text, local)
        if moment is not None:
            return _to_utc(moment)
    return None


def parse_iso_time(text: str, zone: ZoneInfo) -> datetime | None:
    """Parse an ISO time into UTC, in `zone` if it has no offset. Return None for other text."""
    moment = _parse_iso(text.strip(), zone)
    return None if moment is None else _to_utc(moment)


def _to_utc(moment: datetime) -> datetime | None:
    """Return the time in UTC, or None if its year is implausible."""
    return moment.astimezone(UTC) if moment.year in _PLAUSIBLE_YEARS else None


def _find_zone(name: str, zone: ZoneInfo) -> tzinfo | None:
    """Return the zone of `name`; None if text.dates knows it or nobody does."""
    winter, summer = (datetime(2026, month, 1, tzinfo=zone) for month in (1, 7))
    for moment in (winter, summer):
        if moment.tzname() == name:
            return timezone(moment.utcoffset() or timedelta())
    if name == "CST":
        return timezone(timedelta(hours=8 if (winter.utcoffset() or timedelta()) > timedelta() else -6))
    return timezone(timedelta(hours=_ZONES[name])) if name in _ZONES else None


def _parse_iso(text: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _parse_printed(text: str, zone: tzinfo) -> datetime | None:
    try:
        return parse_date(text, zone).at
    except NormaliseError:
        return None
