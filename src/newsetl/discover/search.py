"""Discovery through the search service of Founder's CMS, which takes a form and returns JSON."""

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
from newsetl.text.feed_times import parse_iso_time

HTML_TAG = re.compile("<[^>]*>")


def find_links(source: Source, client: Client, window: Window, on_error: OnError) -> Iterator[Link]:
    """Yield the window's articles from the search service, each once; nothing if none is declared.

    One query covers the window, page by page. A page that fails is passed to `on_error` and ends the query.
    """
    service = source.search
    if service is None:
        return
    headers = {"Referer": service.page} if service.page else {}
    query_url = service.page or service.url
    seen: set[str] = set()
    received = stated = 0
    try:
        if service.page:
            client.get(service.page, kind="search")
        for number in range(service.max_pages):
            query_url = f"{service.url}?{urlencode(_build_form(service, window, number))}"
            capture = client.get(query_url, kind="search", headers=headers, is_form=True)
            total, hits = _parse_results(source, capture)
            new = [link for link in hits if link.url not in seen]
            received, stated = received + len(hits), max(stated, total)
            seen.update(link.url for link in new)
            wanted = [link for link in new if urls.may_be_in_window(source, link, window)]
            yield from (link for link in wanted if urls.is_article(source, link.url))
            is_last = service.page_size * (number + 1) >= total
            if hits and not new:
                raise _build_incomplete_error(query_url, stated, received, "hits of earlier pages again")
            if received < stated and (is_last or not hits):
                raise _build_incomplete_error(query_url, stated, received, "nothing")
            if received < stated and not wanted:
                raise _build_incomplete_error(query_url, stated, received, "nothing of the queried days")
            if is_last:
                return
        message = (
            f"{query_url}: {stated} hits, more than {service.max_pages} pages; "
            "narrow the window or raise search.max_pages"
        )
        raise DiscoverError(Reason.TOO_LARGE, message)
    except StageError as error:
        on_error(query_url, error)


def _build_form(service: SearchConfig, window: Window, number: int) -> dict[str, str]:
    days = {"startDate": window.since, "endDate": window.until}
    return {
        **service.form,
        "pageNo": str(number),
        "pageSize": str(service.page_size),
        **{name: day.isoformat() if day else "" for name, day in days.items()},
    }


def _parse_results(source: Source, capture: Capture) -> tuple[int, list[Link]]:
    """Return the total number of hits, and the links of this page. Raise DiscoverError for another body."""
    try:
        result = json.loads(capture.body)
        return int(result["foundNum"]), [_parse_hit(source, hit, capture) for hit in result["article"] or ()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise listing_pages.build_page_error(source, capture, f"search result ({error!r})") from error


def _parse_hit(source: Source, hit: dict[str, Any], capture: Capture) -> Link:
    # The service marks the search terms in the title.
    title = " ".join(unescape(HTML_TAG.sub("", hit.get("title") or "")).split())
    return Link(
        source.slug,
        urls.canonicalise(source, hit["url"], base=capture.url),
        capture.requested_url,
        title or None,
        published_at=parse_iso_time(hit.get("date") or "", source.timezone),
        method="search",
    )


def _build_incomplete_error(url: str, stated: int, received: int, ending: str) -> DiscoverError:
    message = f"{url}: {stated} hits stated, {received} received, then {ending}"
    return DiscoverError(Reason.UNKNOWN_LAYOUT, message)
