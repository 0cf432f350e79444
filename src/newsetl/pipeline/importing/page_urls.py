"""The address of a saved page: what the page says of itself, else what the file's name says. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import product
from urllib.parse import unquote, urlsplit

from newsetl.sources import urls
from newsetl.sources.config import Source

# What says where a page stands is in its head; Chrome writes its own comment before everything.
_HEAD = 1 << 18
_TAG = re.compile(r"<(?:link|meta)\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->")
# More underscores than an address has: each could be a slash, and all ways are tried.
_MAX_PARTS = 10


def find_page_url(path: str, page: bytes, source: Source) -> str:
    """The article's address that the page or its file's path gives, on the source's own host; "" if none."""
    for stated in _find_stated_urls(page[:_HEAD].decode("latin-1")):
        if urls.match_form(source, stated):
            return _build_own_url(source, urlsplit(urls.canonicalise(source, stated, base=source.home)).path)
    found = (here for here in _list_possible_paths(path) if _matches_form(source, here))
    return next((_build_own_url(source, here) for here in found), "")


def _find_stated_urls(head: str) -> Iterator[str]:
    for tag in _TAG.findall(head):
        fields = {name.lower(): unescape("".join(value)).strip() for name, *value in _ATTRIBUTE.findall(tag)}
        if "canonical" in fields.get("rel", "").lower().split():
            yield fields.get("href", "")
        elif "og:url" in (fields.get("property"), fields.get("name")):
            yield fields.get("content", "")
    yield from _SAVED_FROM.findall(head)


def _list_possible_paths(path: str) -> Iterator[str]:
    """Every address path that the name may stand for: a mirrored tree, or slashes replaced in the name."""
    whole = unquote(path)
    for name in _list_endings(whole):
        steps = name.split("/")
        for start in range(len(steps)):
            yield "/" + "/".join(steps[start:])
    for name in _list_endings(whole.rpartition("/")[2]):
        pieces = name.split("_")[-_MAX_PARTS:]
        for start in range(len(pieces)):
            first, *rest = pieces[start:]
            for joints in product("/_", repeat=len(rest)):
                yield "/" + first + "".join(joint + piece for joint, piece in zip(joints, rest, strict=True))


def _list_endings(name: str) -> tuple[str, ...]:
    """The name, and what it was if whoever saved it has added or changed the ending."""
    stem = re.sub(r"\.[^./]*$", "", name)
    return (name, stem, f"{stem}.html", f"{stem}.shtml")


def _matches_form(source: Source, path: str) -> bool:
    return any(form.pattern.search(path) for form in source.url_forms)


def _build_own_url(source: Source, path: str) -> str:
    form = urls.match_form(source, path)
    return f"{source.scheme}://{(form and form.host) or source.host}{path}"
