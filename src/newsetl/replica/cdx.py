"""Lines of an archive's index, chosen as the parameters of a CDX server say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from newsetl.replica.archive_captures import build_url_key

Line = dict[str, str]
Fields = list[tuple[str, str]]


def filter_lines(lines: Iterable[Line], fields: Fields, fits: Callable[[Line, str], bool]) -> Iterator[Line]:
    """Those of the address, prefix or host asked for, in its time, that go through all filters."""
    asked = dict(fields)
    key = build_url_key(asked["url"])
    match asked.get("matchType", "exact"):
        case "exact":
            lines = (line for line in lines if line["urlkey"] == key)
        case "prefix":
            lines = (line for line in lines if line["urlkey"].startswith(key))
        case _:
            lines = (line for line in lines if line["urlkey"].partition(")")[0] == key.partition(")")[0])
    since, until = asked.get("from", ""), asked.get("to", "").ljust(14, "9")
    filters = [value for name, value in fields if name == "filter"]
    for line in lines:
        if since <= line["timestamp"] <= until and all(fits(line, each) for each in filters):
            yield line


def matches_wayback_filter(line: Line, text: str) -> bool:
    """`field:regex`, turned round by a `!` before it."""
    name, _, pattern = text.removeprefix("!").partition(":")
    return bool(re.fullmatch(pattern, line[name])) != text.startswith("!")


def matches_pywb_filter(line: Line, text: str) -> bool:
    """`=field:text` for the very text, `~field:regex`, `field:part`; turned round by a `!` before it."""
    sign = text.removeprefix("!")
    name, _, value = sign.lstrip("=~").partition(":")
    if sign.startswith("="):
        found = line[name] == value
    else:
        found = bool(re.fullmatch(value, line[name])) if sign.startswith("~") else value in line[name]
    return found != text.startswith("!")


def collapse_lines(lines: Iterable[Line], field: str | None) -> Iterator[Line]:
    """The first of neighbours that are alike in `field`, or in its first N letters for field:N."""
    if not field:
        yield from lines
        return
    name, _, width = field.partition(":")
    for _, group in groupby(lines, key=lambda line: line[name][: int(width) if width else None]):
        yield next(group)
