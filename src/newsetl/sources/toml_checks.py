"""Checks of values in a TOML table: URLs, time zones, cron lines, regular expressions, selectors, names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from newsetl.text.absolute_url import parse_http_url
from newsetl.text.whitespace import normalise_spelling


class WrongValue(ValueError):
    """A value that cannot be, and what to write instead; `at` is where in it, to follow the key."""

    def __init__(self, why: str, at: str = "") -> None:
        super().__init__(why)
        self.at = at


def check_url(url: str) -> str:
    """Return the http or https address. Raise WrongValue if it is none."""
    if parse_http_url(url) is None:
        raise WrongValue(f"is {url!r}; write a whole address such as https://www.example.org/")
    return url


def check_prefix(text: str, *, hosts: tuple[str, ...], places: tuple[str, ...]) -> None:
    """Raise WrongValue unless `text` begins an address on one of `hosts`; {places} may stand in it."""
    host, slash, _ = text.partition("/")
    if (hosts and host not in hosts) or not slash:
        raise WrongValue(f"{text!r} does not begin with one of {', '.join(hosts)} and a /")
    if odd := next((name for name in re.findall(r"{(.*?)}|[{}]", text) if name not in places), None):
        raise WrongValue(f"{text!r}: {{{odd}}} is no place; there are {{{'}, {'.join(places)}}}")


def check_timezone(name: str) -> ZoneInfo:
    """Return the IANA zone. Raise WrongValue if there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise WrongValue(f"is {name!r}, no IANA time zone; write one such as Asia/Shanghai") from None


def check_cron(text: str, *, example: str) -> str:
    """Return the cron expression. Raise WrongValue unless it has five fields and some day fits."""
    try:
        if (fields := len(text.split())) != 5:
            raise CronSimError(f"{fields} fields")
        next(CronSim(text, datetime(2024, 1, 1)))  # noqa: DTZ001  # whether it comes, not when
    except (CronSimError, StopIteration) as error:
        why = str(error) or "no day is like that"
        raise WrongValue(
            f"is {text!r} ({why}); write minute hour day month weekday, such as {example!r}"
        ) from None
    return text


def check_pattern(
    text: str,
    *,
    groups: tuple[str, ...] = (),
    known: tuple[str, ...] | None = None,
    places: Mapping[str, str] | None = None,
) -> re.Pattern[str]:
    """Return the regular expression compiled, with each name of `places` in braces replaced by its value.

    Raise WrongValue unless it has the named `groups`, and no other than those `known`.
    """
    whole = text
    for name, expression in (places or {}).items():
        whole = whole.replace(f"{{{name}}}", expression)
    try:
        found = re.compile(whole, re.IGNORECASE)
    except re.error as error:
        raise WrongValue(f"{text!r} is no regular expression: {error}") from None
    if lacking := [name for name in groups if name not in found.groupindex]:
        raise WrongValue(f"{text!r} lacks the group {lacking[0]}; write (?P<{lacking[0]}>…) in it")
    if known is not None and (strange := [name for name in found.groupindex if name not in known]):
        raise WrongValue(f"{text!r} has the group {strange[0]}; known groups: {', '.join(known)}")
    return found


def check_selector(text: str) -> None:
    """Raise WrongValue unless `text` is a CSS selector."""
    import soupsieve  # noqa: PLC0415  # a sixth of the start of a command that reads no source

    try:
        soupsieve.compile(text)
    except soupsieve.SelectorSyntaxError as error:
        raise WrongValue(f"{text!r} is no CSS selector: {str(error).splitlines()[0]}") from None


def check_names(value: Mapping[str, str]) -> None:
    """Raise WrongValue unless each name of `value`, in small letters, is there once.

    A name stands for one that is left alone, or for itself.
    """
    stands_for = dict[str, str]()
    for printed, name in value.items():
        if not printed.strip() or not name.strip():
            raise WrongValue("is an empty name; write one, or take the line out", at=f'."{printed}"')
        if stands_for.setdefault(normalise_spelling(printed), normalise_spelling(name)) != normalise_spelling(
            name
        ):
            raise WrongValue("is there twice but for its letters' case; keep one", at=f'."{printed}"')
    for printed, name in value.items():
        if stands_for.get(normalise_spelling(name), normalise_spelling(name)) != normalise_spelling(name):
            raise WrongValue(
                f"is {name!r}, which stands for another itself; write that one", at=f'."{printed}"'
            )
