"""Query for the open rejects of the published warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from newsetl.db.connection import translate_errors
from newsetl.query.reader import connect
from newsetl.reasons import REJECT_POLICIES, Policy, Reason
from newsetl.runtime.data_folder import WarehouseLocation


@dataclass(frozen=True, slots=True)
class ListedReject:
    """Open reject with its policy and advice, as `newsetl rejects` lists it."""

    source: str
    reason: Reason
    policy: Policy
    retry_at: datetime | None
    rejected_at: datetime
    url: str | None
    stage: str
    message: str
    advice: str


def list_open_rejects(
    path: WarehouseLocation,
    *,
    reason: Reason | None = None,
    source: str | None = None,
    since: date | None = None,
) -> tuple[ListedReject, ...]:
    """Return open rejects ordered by source and reason, the newest first.

    `since` is a day in the source's timezone. Raise WarehouseError if the warehouse cannot be read.
    """
    columns = "open_rejects.source, reason, retry_at, rejected_at, url, stage, message"
    with translate_errors(path), connect(path) as connection:
        rows = connection.execute(
            f"SELECT {columns}, timezone FROM open_rejects JOIN sources ON slug = open_rejects.source "
            "ORDER BY open_rejects.source, reason, rejected_at DESC, url"
        ).fetchall()
    return tuple(
        ListedReject(
            slug,
            row_reason,
            REJECT_POLICIES[row_reason].policy,
            retry_at,
            rejected_at,
            url,
            stage,
            message,
            REJECT_POLICIES[row_reason].advice,
        )
        for slug, row_reason, retry_at, rejected_at, url, stage, message, zone in (
            (row[0], Reason(row[1]), *row[2:]) for row in rows
        )
        if (reason is None or row_reason is reason)
        and (source is None or slug == source)
        and (since is None or rejected_at.astimezone(ZoneInfo(zone)).date() >= since)
    )
