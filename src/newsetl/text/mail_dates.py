"""Times in the form of mail and HTTP headers: `Fri, 20 Nov 2026 10:00:00 GMT`."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime


def parse_mail_date(text: str, zone: tzinfo = UTC) -> datetime | None:
    """Return the time in UTC, or None for other text. Without a zone, or with -0000, it is in `zone`."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
