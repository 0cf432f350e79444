"""URL of a saved page, from the page itself or from its file's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import product
from urllib.parse import unquote, urlsplit

from newsetl.sources import urls
from newsetl.sources.config import Source

# Bytes at the start of a page that contain its canonical URL and the comment of the program that saved it.
_HEAD = 1 << 18
_TAG = re.compile(r"<(?:link|meta)\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
# Comments and attributes of Chrome, SingleFile, HTTrack, monolith, Save Page WE and WebScrapBook.
_SAVED_FROM = (
    re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->", re.IGNORECASE),
    re.compile(r"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)", re.IGNORECASE),
    re.compile(r"<!--\s*Mirrored from (\S+) by HTTrack", re.IGNORECASE),
    re.compile(r"<!--\s*Saved from (https?://\S+) at ", re.IGNORECASE),
    re.compile(r"\bdata-scrapbook-source\s*=\s*[\"']([^\"'>]+)", re.IGNORECASE),
)
_SAVED_META_NAMES = ("og:url", "savepage-url", "source-url")
# Limit for the underscores in a name: each may stand for a slash, and every combination is tried.
_MAX_PARTS = 10


def find_page_url(path: str, page: bytes, source: Source) -> str:
    """Return the article's URL on the source's own host, from the page or its path; "" if neither has one."""
    for stated in _find_stated_urls(page[:_HEAD].decode("latin-1")):
        if urls.match_form(source, stated):
            return _build_own_url(source, urlsplit(urls.canonicalise(source, stated, base=source.home)).path)
    matching = (each for each in _list_possible_paths(path) if _matches_form(source, each))
    return next((_build_own_url(source, each) for each in matching), "")


def _find_stated_urls(head: str) -> Iterator[str]:
    for tag in _TAG.findall(head):
        fields = {name.lower(): unescape("".join(value)).strip() for name, *value in _ATTRIBUTE.findall(tag)}
        if "canonical" in fields.get("rel", "").lower().split():
            yield fields.get("href", "")
        elif fields.get("property") in _SAVED_META_NAMES or fields.get("name") in _SAVED_META_NAMES:
            yield fields.get("content", "")
    for pattern in _SAVED_FROM:
        for url in pattern.findall(head):
            # HTTrack leaves out the scheme.
            yield unescape(url) if "://" in url else f"https://{url}"


def _list_possible_paths(path: str) -> Iterator[str]:
    """Yield every URL path that the file may stand for: a mirrored tree, or slashes replaced in its name."""
    unquoted = unquote(path)
    for name in _list_endings(unquoted):
        steps = name.split("/")
        for start in range(len(steps)):
            yield "/" + "/".join(steps[start:])
    for name in _list_endings(unquoted.rpartition("/")[2]):
        parts = name.split("_")[-_MAX_PARTS:]
        for start in range(len(parts)):
            first, *rest = parts[start:]
            for separators in product("/_", repeat=len(rest)):
                pairs = zip(separators, rest, strict=True)
                yield "/" + first + "".join(separator + part for separator, part in pairs)


def _list_endings(name: str) -> tuple[str, ...]:
    """Return the name, and the names it may have had before its ending was added or changed."""
    stem = re.sub(r"\.[^./]*$", "", name)
    return (name, stem, f"{stem}.html", f"{stem}.shtml")


def _matches_form(source: Source, path: str) -> bool:
    return any(form.pattern.search(path) for form in source.url_forms)


def _build_own_url(source: Source, path: str) -> str:
    form = urls.match_form(source, path)
    return f"{source.scheme}://{(form and form.host) or source.host}{path}"
