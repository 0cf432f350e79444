"""What is right in a source's file and may still not be what was meant."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from newsetl.sources.config import DEFAULT_FIRST_DAY, Source


def find_warnings(source: Source) -> Iterator[str]:
    """Each with its key first and what to do about it last."""
    for old, new in source.old_keys:
        yield f"{old}: is an old name; write {new}"
    if source.verified is None:
        yield "verified: says nothing; write what the file was checked against, and when"
    if source.first_day == DEFAULT_FIRST_DAY:
        yield "first_day: is not given, so a date misread by years passes; write the day of the first article"
    if not source.sections:
        yield "sections: are unknown; map folders and printed labels to the labels that readers see"
    yield from _find_url_warnings(source)
    if source.fetch.min_delay < 1:
        yield f"fetch.min_delay: is {source.fetch.min_delay:g} s; few sites mind one request a second"
    discover = source.discover
    if discover.start_urls and not discover.listing_item_selectors:
        yield (
            "discover.listing_item_selectors: are not given, so links beside a listing are taken, too; "
            "write a CSS selector"
        )
    if discover.max_pages > 1:
        for url in discover.start_urls:
            if "." not in urlsplit(url).path and not discover.listing_url_pattern.search(urlsplit(url).path):
                yield f"discover.max_pages: {url} has no name_2.html; later pages are never found, make it 1"


def _find_url_warnings(source: Source) -> Iterator[str]:
    host = urlsplit(source.home).netloc
    if host not in source.hosts:
        yield f"home: stands on {host}, which is none of hosts; add it, unless it has no articles"
    for number, form in enumerate(source.url_forms, 1):
        key = f"url_forms[{number}].pattern"
        if not (form.pattern.pattern.startswith("^") and form.pattern.pattern.endswith("$")):
            yield f"{key}: fits a part of an address; begin it with ^ and end it with $"
        groups = form.pattern.groupindex
        if "year" not in groups or "month" not in groups:
            yield f"{key}: has no date, so each link is fetched to learn its day; add (?P<year>…) if it can"
