"""The search service of Founder's CMS, which many papers run: a form is posted, JSON comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode

from newsetl.discover import listing_pages
from newsetl.errors import DiscoverError, OnError, StageError
from newsetl.fetch.client import Client
from newsetl.model import Capture, Link, Window
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source
from newsetl.sources.services import Search

TAG = re.compile("<[^>]*>")


def links(source: Source, client: Client, window: Window, on_error: OnError) -> Iterator[Link]:
    """The articles that the search service finds in the window, each once; nothing if there is none.

    The window is asked for at once, page by page. A page that cannot be used is told and ends it, with
    what came before it handed out.
    """
    service = source.search
    if service is None:
        return
    headers = {"Referer": service.page} if service.page else {}
    asked = service.page or service.url
    seen: set[str] = set()
    came = promised = 0
    try:
        if service.page:
            client.get(service.page, why="search")
        for number in range(service.max_pages):
            asked = f"{service.url}?{urlencode(_form(service, window, number))}"
            capture = client.get(asked, why="search", headers=headers, is_form=True)
            total, hits = _answer(source, capture)
            fresh = [link for link in hits if link.url not in seen]
            came, promised = came + len(hits), max(promised, total)
            seen.update(link.url for link in fresh)
            wanted = [link for link in fresh if urls.may_be_in(source, link, window)]
            yield from (link for link in wanted if urls.is_article(source, link.url))
            is_last = service.page_size * (number + 1) >= total
            if hits and not fresh:
                raise _broken_off(asked, promised, came, "hits of earlier pages again")
            if came < promised and (is_last or not hits):
                raise _broken_off(asked, promised, came, "nothing")
            if came < promised and not wanted:
                raise _broken_off(asked, promised, came, "nothing of the days asked for")
            if is_last:
                return
        message = f"{asked}: {promised} hits, more than the {service.max_pages} pages that we read"
        raise DiscoverError(Reason.TOO_LARGE, message)
    except StageError as error:
        on_error(asked, error)


def _form(service: Search, window: Window, number: int) -> dict[str, str]:
    days = {"startDate": window.since, "endDate": window.until}
    return {
        **service.form,
        "pageNo": str(number),
        "pageSize": str(service.page_size),
        **{name: day.isoformat() if day else "" for name, day in days.items()},
    }


def _answer(source: Source, capture: Capture) -> tuple[int, list[Link]]:
    """How many hits there are, and those of this page. Raises DiscoverError for any other answer."""
    try:
        answer = json.loads(capture.body)
        return int(answer["foundNum"]), [_hit(source, hit, capture) for hit in answer["article"] or ()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise listing_pages.refusal(source, capture, f"search result ({error!r})") from error


def _hit(source: Source, hit: dict[str, Any], capture: Capture) -> Link:
    # What was looked for is marked in the title.
    title = " ".join(unescape(TAG.sub("", hit.get("title") or "")).split())
    return Link(
        source.slug,
        urls.canonical(source, hit["url"], base=capture.url),
        capture.requested_url,
        title or None,
        published_at=listing_pages.moment(source, hit.get("date") or ""),
        method="search",
    )


def _broken_off(asked: str, promised: int, came: int, what: str) -> DiscoverError:
    message = f"{asked}: {promised} hits promised, {came} came, then {what}"
    return DiscoverError(Reason.UNKNOWN_LAYOUT, message)
