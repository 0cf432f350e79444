"""CDX index lines, filtered by the parameters of a CDX server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from newsetl.replica.archive_captures import build_url_key

Line = dict[str, str]
Fields = list[tuple[str, str]]


def filter_lines(
    lines: Iterable[Line], fields: Fields, matches: Callable[[Line, str], bool]
) -> Iterator[Line]:
    """Yield the lines of the requested URL, prefix or host that match the time range and all filters."""
    parameters = dict(fields)
    key = build_url_key(parameters["url"])
    match parameters.get("matchType", "exact"):
        case "exact":
            lines = (line for line in lines if line["urlkey"] == key)
        case "prefix":
            lines = (line for line in lines if line["urlkey"].startswith(key))
        case _:
            lines = (line for line in lines if line["urlkey"].partition(")")[0] == key.partition(")")[0])
    since, until = parameters.get("from", ""), parameters.get("to", "").ljust(14, "9")
    filters = [value for name, value in fields if name == "filter"]
    for line in lines:
        if since <= line["timestamp"] <= until and all(matches(line, text) for text in filters):
            yield line


def matches_wayback_filter(line: Line, text: str) -> bool:
    """Return True if the line matches `field:regex`, negated by a leading `!`."""
    name, _, pattern = text.removeprefix("!").partition(":")
    return bool(re.fullmatch(pattern, line[name])) != text.startswith("!")


def matches_pywb_filter(line: Line, text: str) -> bool:
    """Return True if the line matches `=field:text`, `~field:regex` or `field:part`; `!` negates."""
    expression = text.removeprefix("!")
    name, _, value = expression.lstrip("=~").partition(":")
    if expression.startswith("="):
        is_match = line[name] == value
    else:
        is_match = (
            bool(re.fullmatch(value, line[name])) if expression.startswith("~") else value in line[name]
        )
    return is_match != text.startswith("!")


def collapse_lines(lines: Iterable[Line], field: str | None) -> Iterator[Line]:
    """Yield the first of adjacent lines with the same `field`, or the same first N characters for field:N."""
    if not field:
        yield from lines
        return
    name, _, width = field.partition(":")
    for _, group in groupby(lines, key=lambda line: line[name][: int(width) if width else None]):
        yield next(group)
