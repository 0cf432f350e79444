"""Links → the forms that articles' addresses have, and those of listings. No network."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_Y, _M, _D = r"(?P<year>\d{4})", r"(?P<month>\d\d)", r"(?P<day>\d\d)"
_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
# Dates as folders of an address, those with a day first: what is looked for, and what is written.
_DATES = tuple(
    (re.compile(f"(?<=/){form.format(_YEAR, _MONTH, _DAY)}(?=/)"), form.format(_Y, _M, _D))
    for form in (
        "{}/{}/{}", "{}-{}/{}", "{}-{}-{}", "{}{}/{}", "{}/{}{}", "{}/{}-{}", "{}{}{}", "{}-{}", "{}{}",
        "{}/{}",
    )
)  # fmt: skip
_DATE, _NAME = "\0", r"[\w%.-]+"
_LONG_SLUG, _LONG_ID, _LONG_HEX = 25, 5, 16
_SURE, _LONG_TEXT, _SHORT_TEXT = 4, 20, 30


@dataclass(slots=True)
class UrlGroup:
    """Addresses of one shape: their paths, the texts of the links to them, and what their parts have been."""

    date: str
    has_day: bool
    parts: tuple[str, ...]
    paths: dict[str, str] = field(default_factory=dict)
    words: list[dict[str, None]] = field(default_factory=list)

    @property
    def text_length(self) -> float:
        """Of the links to them that have one, in the mean."""
        lengths = [len(text) for text in self.paths.values() if text]
        return sum(lengths) / len(lengths) if lengths else 0.0

    @property
    def is_article(self) -> bool:
        """True for a date, a long name or number, and headlines for links: enough of these."""
        last = self.parts[-1]
        has_name = any("{" in part or _NAME in part for part in self.parts)
        has_id = has_name or any(_has_long_number(path) for path in self.paths)
        marks = 3 * self.has_day + 2 * (bool(self.date) and not self.has_day) + 2 * has_id
        marks += 2 * (self.text_length >= _LONG_TEXT)
        return marks >= _SURE and last != "*"

    @property
    def pattern(self) -> str:
        """A regular expression for the whole path; a part that varies is the group `folder`, once."""
        return self.pattern_below("")

    def pattern_below(self, home: str) -> str:
        """The same, with a part as in the path `home` where it is one of those seen."""
        made, is_named, steps = [], False, [step for step in home.split("/") if step]
        for place, part in enumerate(self.parts):
            words = list(self.words[place])
            if part == "*" and steps[place : place + 1] and steps[place] in words:
                words = [steps[place]]
            is_last = place == len(self.parts) - 1
            if part == _DATE:
                made.append(self.date)
            elif part[0] != "*" and (is_last or len(words) > 1 or _NAME in part or "{" in part):
                made.append(part)
            elif len(words) == 1:
                made.append(re.escape(words[0]).replace(r"\-", "-"))
            elif is_named or is_last:
                made.append(r"[\w.-]+")
            else:
                made.append(r"(?P<folder>[\w-]+)")
                is_named = True
        end = "/?" if next(iter(self.paths)).endswith("/") else ""
        return "^/" + "/".join(made) + end + "$"


def group_urls(links: Iterable[tuple[str, str]]) -> list[UrlGroup]:
    """The links (path, text), those of one shape together, the largest group first."""
    groups: dict[tuple[str, ...], UrlGroup] = {}
    for path, text in links:
        steps, date, has_day = _split_date(path)
        if not steps:
            continue
        parts = tuple(_generalise_step(step, is_last=n == len(steps) - 1) for n, step in enumerate(steps))
        group = groups.setdefault((date, *parts), UrlGroup(date, has_day, parts, {}, [{} for _ in parts]))
        if len(text) > len(group.paths.get(path, "")) or path not in group.paths:
            group.paths[path] = text
        for place, step in enumerate(steps):
            group.words[place].setdefault(step)
    return sorted(groups.values(), key=lambda group: -len(group.paths))


def select_article_groups(groups: list[UrlGroup]) -> list[UrlGroup]:
    """The groups that are articles, without those that are few beside the largest."""
    found = [group for group in groups if group.is_article]
    most = len(found[0].paths) if found else 0
    return [group for group in found if len(group.paths) >= max(2, most // 20)]


def select_listing_groups(groups: list[UrlGroup]) -> list[UrlGroup]:
    """Groups of short links to more than one page that is no article, the likeliest first."""
    return [
        group
        for group in groups
        if len(group.paths) >= 2 and not group.is_article and group.text_length <= _SHORT_TEXT
    ]


def _split_date(path: str) -> tuple[list[str], str, bool]:
    """The steps of the path, one of them the mark of a date; its expression, and whether it has a day."""
    for looked_for, written in _DATES:
        if found := looked_for.search(path):
            path = path[: found.start()] + _DATE + path[found.end() :]
            return [step for step in path.split("/") if step], written, "day" in written
    return [step for step in path.split("/") if step], "", False


def _generalise_step(step: str, *, is_last: bool) -> str:
    """What a step may be elsewhere: `*` for a word."""
    if step == _DATE:
        return step
    name, dot, ending = step.rpartition(".") if is_last and re.search(r"\.\w{2,5}$", step) else (step, "", "")
    end = re.escape(dot + ending)
    if re.fullmatch(rf"[0-9a-f]{{{_LONG_HEX},}}", name):
        return f"[0-9a-f]{{{len(name)}}}{end}"
    if re.fullmatch(r"[A-Za-z]{0,12}[_-]?\d+(?:[_-]\d+)*", name):
        return re.sub(r"\d+", lambda _: r"\d+", name) + end
    if len(re.findall(r"[-_]", name)) >= 2 or len(name) >= _LONG_SLUG or re.search(r"\d{4,}$", name):
        return _NAME + end
    return f"*{end}" if end and is_last else "*"


def _has_long_number(path: str) -> bool:
    return re.search(rf"\d{{{_LONG_ID},}}[^/]*$", path) is not None
