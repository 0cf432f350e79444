"""Open rejects of the published warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from newsetl.db.connection import refusing
from newsetl.query.reader import connect
from newsetl.reasons import REFUSALS, Policy, Reason
from newsetl.runtime.data_folder import Place


@dataclass(frozen=True, slots=True)
class OpenRefusal:
    """A refusal that is open, as `newsetl rejects` lists it."""

    source: str
    reason: Reason
    policy: Policy
    retry_at: datetime | None
    rejected_at: datetime
    url: str | None
    stage: str
    message: str
    advice: str


def open_refusals(
    path: Place, *, reason: Reason | None = None, source: str | None = None, since: date | None = None
) -> tuple[OpenRefusal, ...]:
    """The open refusals, by source and reason, the newest first; `since` is a day in the source's timezone.

    Raises WarehouseError if there is no warehouse to read.
    """
    columns = "open_rejects.source, reason, retry_at, rejected_at, url, stage, message"
    with refusing(path), connect(path) as connection:
        found = connection.execute(
            f"SELECT {columns}, timezone FROM open_rejects JOIN sources ON slug = open_rejects.source "
            "ORDER BY open_rejects.source, reason, rejected_at DESC, url"
        ).fetchall()
    return tuple(
        OpenRefusal(
            slug, why, REFUSALS[why].policy, retry_at, rejected_at, url, stage, message, REFUSALS[why].advice
        )
        for slug, why, retry_at, rejected_at, url, stage, message, zone in (
            (row[0], Reason(row[1]), *row[2:]) for row in found
        )
        if (reason is None or why is reason)
        and (source is None or slug == source)
        and (since is None or rejected_at.astimezone(ZoneInfo(zone)).date() >= since)
    )
