"""Warnings about valid source files."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from newsetl.sources.config import DEFAULT_FIRST_DAY, Source


def find_warnings(source: Source) -> Iterator[str]:
    """Yield the warnings, each of the form `key: problem; fix`."""
    for old, new in source.old_keys:
        yield f"{old}: is an old name; write {new}"
    if source.verified is None:
        yield "verified: is missing; write what the file was checked against, and when"
    if source.first_day == DEFAULT_FIRST_DAY:
        yield "first_day: is missing, so any earlier date is accepted; write the day of the first article"
    if not source.sections:
        yield "sections: is missing; map path segments and printed labels to section labels"
    yield from _find_url_warnings(source)
    if source.fetch.min_delay < 1:
        yield f"fetch.min_delay: is {source.fetch.min_delay:g} s; write 1 or more to spare the site"
    discover = source.discover
    if discover.start_urls and not discover.listing_item_selectors:
        yield (
            "discover.listing_item_selectors: is missing, so links outside of the listing are used as well; "
            "write a CSS selector"
        )
    if discover.max_pages > 1:
        for url in discover.start_urls:
            if "." not in urlsplit(url).path and not discover.listing_url_pattern.search(urlsplit(url).path):
                yield f"discover.max_pages: {url} has no file name, so later pages are not found; write 1"


def _find_url_warnings(source: Source) -> Iterator[str]:
    host = urlsplit(source.home).netloc
    if host not in source.hosts:
        yield f"home: is on {host}, which is not in hosts; add the host, unless it has no articles"
    for number, form in enumerate(source.url_forms, 1):
        key = f"url_forms[{number}].pattern"
        if not (form.pattern.pattern.startswith("^") and form.pattern.pattern.endswith("$")):
            yield f"{key}: matches a part of a path; begin the pattern with ^ and end it with $"
        groups = form.pattern.groupindex
        if "year" not in groups or "month" not in groups:
            yield f"{key}: has no date, so every link must be fetched; add (?P<year>…) and (?P<month>…)"
