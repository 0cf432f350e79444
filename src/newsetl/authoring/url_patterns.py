"""Inference of URL patterns of articles and listings from links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_Y, _M, _D = r"(?P<year>\d{4})", r"(?P<month>\d\d)", r"(?P<day>\d\d)"
_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
# Pairs of a pattern for a date in a path and the pattern to write; those with a day first.
_DATE_PATTERNS = tuple(
    (re.compile(f"(?<=/){layout.format(_YEAR, _MONTH, _DAY)}(?=/)"), layout.format(_Y, _M, _D))
    for layout in (
        "{}/{}/{}", "{}-{}/{}", "{}-{}-{}", "{}{}/{}", "{}/{}{}", "{}/{}-{}", "{}{}{}", "{}-{}", "{}{}",
        "{}/{}",
    )
)  # fmt: skip
_DATE, _NAME = "\0", r"[\w%.-]+"
_MIN_SLUG_CHARS, _MIN_ID_DIGITS, _MIN_HEX_DIGITS = 25, 5, 16
_MIN_ARTICLE_SCORE, _MIN_HEADLINE_CHARS, _MAX_SECTION_CHARS = 4, 20, 30


@dataclass(slots=True)
class UrlGroup:
    """URLs of one shape: their paths with link texts, and the values seen for each path segment."""

    date: str
    has_day: bool
    parts: tuple[str, ...]
    paths: dict[str, str] = field(default_factory=dict)
    words: list[dict[str, None]] = field(default_factory=list)

    @property
    def text_length(self) -> float:
        """Mean length of the link texts that are not empty."""
        lengths = [len(text) for text in self.paths.values() if text]
        return sum(lengths) / len(lengths) if lengths else 0.0

    @property
    def is_article(self) -> bool:
        """True if enough of these hold: a date, a long name or number, and headlines as link texts."""
        last = self.parts[-1]
        has_name = any("{" in part or _NAME in part for part in self.parts)
        has_id = has_name or any(_has_long_number(path) for path in self.paths)
        score = 3 * self.has_day + 2 * (bool(self.date) and not self.has_day) + 2 * has_id
        score += 2 * (self.text_length >= _MIN_HEADLINE_CHARS)
        return score >= _MIN_ARTICLE_SCORE and last != "*"

    @property
    def pattern(self) -> str:
        """Regular expression for the whole path; the first segment that varies is the group `folder`."""
        return self.build_pattern("")

    def build_pattern(self, home: str) -> str:
        """Build the regular expression; a segment that also occurs in the path `home` keeps that value."""
        segments, has_folder, home_segments = [], False, [segment for segment in home.split("/") if segment]
        for index, part in enumerate(self.parts):
            words = list(self.words[index])
            if part == "*" and home_segments[index : index + 1] and home_segments[index] in words:
                words = [home_segments[index]]
            is_last = index == len(self.parts) - 1
            if part == _DATE:
                segments.append(self.date)
            elif part[0] != "*" and (is_last or len(words) > 1 or _NAME in part or "{" in part):
                segments.append(part)
            elif len(words) == 1:
                segments.append(re.escape(words[0]).replace(r"\-", "-"))
            elif has_folder or is_last:
                segments.append(r"[\w.-]+")
            else:
                segments.append(r"(?P<folder>[\w-]+)")
                has_folder = True
        end = "/?" if next(iter(self.paths)).endswith("/") else ""
        return "^/" + "/".join(segments) + end + "$"


def group_urls(links: Iterable[tuple[str, str]]) -> list[UrlGroup]:
    """Group links, given as pairs of path and text, by the shape of their paths; the largest group first."""
    groups: dict[tuple[str, ...], UrlGroup] = {}
    for path, text in links:
        segments, date, has_day = _split_date(path)
        if not segments:
            continue
        parts = tuple(
            _generalise_segment(segment, is_last=index == len(segments) - 1)
            for index, segment in enumerate(segments)
        )
        group = groups.setdefault((date, *parts), UrlGroup(date, has_day, parts, {}, [{} for _ in parts]))
        if len(text) > len(group.paths.get(path, "")) or path not in group.paths:
            group.paths[path] = text
        for index, segment in enumerate(segments):
            group.words[index].setdefault(segment)
    return sorted(groups.values(), key=lambda group: -len(group.paths))


def select_article_groups(groups: list[UrlGroup]) -> list[UrlGroup]:
    """Select the groups of articles, without groups that are small beside the largest one."""
    articles = [group for group in groups if group.is_article]
    largest = len(articles[0].paths) if articles else 0
    return [group for group in articles if len(group.paths) >= max(2, largest // 20)]


def select_listing_groups(groups: list[UrlGroup]) -> list[UrlGroup]:
    """Select the groups that may be listings, the most likely first: several pages with short link texts."""
    return [
        group
        for group in groups
        if len(group.paths) >= 2 and not group.is_article and group.text_length <= _MAX_SECTION_CHARS
    ]


def _split_date(path: str) -> tuple[list[str], str, bool]:
    """Split a path into segments, a date in it replaced by _DATE.

    Return the segments, the regular expression for the date ("" without a date), and True if it has a day.
    """
    for date, pattern in _DATE_PATTERNS:
        if match := date.search(path):
            path = path[: match.start()] + _DATE + path[match.end() :]
            return [segment for segment in path.split("/") if segment], pattern, "day" in pattern
    return [segment for segment in path.split("/") if segment], "", False


def _generalise_segment(segment: str, *, is_last: bool) -> str:
    """Return a regular expression for a segment with a number, hash or long name, and `*` for a word."""
    if segment == _DATE:
        return segment
    has_ending = is_last and re.search(r"\.\w{2,5}$", segment)
    name, dot, ending = segment.rpartition(".") if has_ending else (segment, "", "")
    end = re.escape(dot + ending)
    if re.fullmatch(rf"[0-9a-f]{{{_MIN_HEX_DIGITS},}}", name):
        return f"[0-9a-f]{{{len(name)}}}{end}"
    if re.fullmatch(r"[A-Za-z]{0,12}[_-]?\d+(?:[_-]\d+)*", name):
        return re.sub(r"\d+", lambda _: r"\d+", name) + end
    if len(re.findall(r"[-_]", name)) >= 2 or len(name) >= _MIN_SLUG_CHARS or re.search(r"\d{4,}$", name):
        return _NAME + end
    return f"*{end}" if end and is_last else "*"


def _has_long_number(path: str) -> bool:
    return re.search(rf"\d{{{_MIN_ID_DIGITS},}}[^/]*$", path) is not None
