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
from newsetl.sources.services import SearchConfig

HTML_TAG = re.compile("<[^>]*>")


def find_links(source: Source, client: Client, window: Window, on_error: OnError) -> Iterator[Link]:
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
            client.get(service.page, kind="search")
        for number in range(service.max_pages):
            asked = f"{service.url}?{urlencode(_build_form(service, window, number))}"
            capture = client.get(asked, kind="search", headers=headers, is_form=True)
            total, hits = _parse_results(source, capture)
            fresh = [link for link in hits if link.url not in seen]
            came, promised = came + len(hits), max(promised, total)
            seen.update(link.url for link in fresh)
            wanted = [link for link in fresh if urls.may_be_in_window(source, link, window)]
            yield from (link for link in wanted if urls.is_article(source, link.url))
            is_last = service.page_size * (number + 1) >= total
            if hits and not fresh:
                raise _build_incomplete_error(asked, promised, came, "hits of earlier pages again")
            if came < promised and (is_last or not hits):
                raise _build_incomplete_error(asked, promised, came, "nothing")
            if came < promised and not wanted:
                raise _build_incomplete_error(asked, promised, came, "nothing of the days asked for")
            if is_last:
                return
        message = f"{asked}: {promised} hits, more than the {service.max_pages} pages that we read"
        raise DiscoverError(Reason.TOO_LARGE, message)
    except StageError as error:
        on_error(asked, error)


def _build_form(service: SearchConfig, window: Window, number: int) -> dict[str, str]:
    days = {"startDate": window.since, "endDate": window.until}
    return {
        **service.form,
        "pageNo": str(number),
        "pageSize": str(service.page_size),
        **{name: day.isoformat() if day else "" for name, day in days.items()},
    }


def _parse_results(source: Source, capture: Capture) -> tuple[int, list[Link]]:
    """How many hits there are, and those of this page. Raises DiscoverError for any other answer."""
    try:
        answer = json.loads(capture.body)
        return int(answer["foundNum"]), [_parse_hit(source, hit, capture) for hit in answer["article"] or ()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise listing_pages.build_page_error(source, capture, f"search result ({error!r})") from error


def _parse_hit(source: Source, hit: dict[str, Any], capture: Capture) -> Link:
    # What was looked for is marked in the title.
    title = " ".join(unescape(HTML_TAG.sub("", hit.get("title") or "")).split())
    return Link(
        source.slug,
        urls.canonicalise(source, hit["url"], base=capture.url),
        capture.requested_url,
        title or None,
        published_at=listing_pages.parse_time(source, hit.get("date") or ""),
        method="search",
    )


def _build_incomplete_error(url: str, promised: int, received: int, ending: str) -> DiscoverError:
    message = f"{url}: {promised} hits promised, {received} came, then {ending}"
    return DiscoverError(Reason.UNKNOWN_LAYOUT, message)
