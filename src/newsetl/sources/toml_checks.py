"""Validation of values in source files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from newsetl.text.absolute_url import parse_http_url
from newsetl.text.whitespace import normalise_spelling


class InvalidValueError(ValueError):
    """Invalid value, with the fix; `subkey` is appended to the key in the message."""

    def __init__(self, problem: str, subkey: str = "") -> None:
        super().__init__(problem)
        self.subkey = subkey


def check_url(url: str) -> str:
    """Return the absolute http or https URL. Raise InvalidValueError for any other text."""
    if parse_http_url(url) is None:
        raise InvalidValueError(f"is {url!r}; write an absolute URL such as https://www.example.org/")
    return url


def check_prefix(text: str, *, hosts: tuple[str, ...], placeholders: tuple[str, ...]) -> None:
    """Raise InvalidValueError unless `text` is a URL prefix on one of `hosts` with known placeholders."""
    host, slash, _ = text.partition("/")
    if (hosts and host not in hosts) or not slash:
        raise InvalidValueError(f"{text!r}: unknown host; begin with one of {', '.join(hosts)} and a /")
    names = re.findall(r"{(.*?)}|[{}]", text)
    if unknown := next((name for name in names if name not in placeholders), None):
        raise InvalidValueError(
            f"{text!r}: unknown placeholder {{{unknown}}}; use {{{'}, {'.join(placeholders)}}}"
        )


def check_timezone(name: str) -> ZoneInfo:
    """Return the IANA time zone. Raise InvalidValueError for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidValueError(
            f"is {name!r}, not an IANA time zone; write one such as Asia/Shanghai"
        ) from None


def check_cron(text: str, *, example: str) -> str:
    """Return the cron expression. Raise InvalidValueError unless it has five fields and matches a day."""
    try:
        if (fields := len(text.split())) != 5:
            raise CronSimError(f"{fields} fields")
        next(CronSim(text, datetime(2024, 1, 1)))  # noqa: DTZ001  # only the existence of a match counts
    except (CronSimError, StopIteration) as error:
        problem = str(error) or "no day matches"
        raise InvalidValueError(
            f"is {text!r} ({problem}); write minute hour day month weekday, such as {example!r}"
        ) from None
    return text


def check_pattern(
    text: str,
    *,
    groups: tuple[str, ...] = (),
    known: tuple[str, ...] | None = None,
    placeholders: Mapping[str, str] | None = None,
) -> re.Pattern[str]:
    """Compile the regular expression, with each name of `placeholders` in braces replaced by its value.

    Raise InvalidValueError unless it has all named `groups` and no named group outside of `known`.
    """
    expanded = text
    for name, expression in (placeholders or {}).items():
        expanded = expanded.replace(f"{{{name}}}", expression)
    try:
        pattern = re.compile(expanded, re.IGNORECASE)
    except re.error as error:
        raise InvalidValueError(f"{text!r} is not a regular expression: {error}") from None
    if missing := [name for name in groups if name not in pattern.groupindex]:
        raise InvalidValueError(f"{text!r} lacks the group {missing[0]}; add (?P<{missing[0]}>…)")
    if known is not None and (unknown := [name for name in pattern.groupindex if name not in known]):
        raise InvalidValueError(f"{text!r} has the unknown group {unknown[0]}; use {', '.join(known)}")
    return pattern


def check_selector(text: str) -> None:
    """Raise InvalidValueError unless `text` is a CSS selector."""
    import soupsieve  # noqa: PLC0415  # a sixth of the start-up time of commands without a source

    try:
        soupsieve.compile(text)
    except soupsieve.SelectorSyntaxError as error:
        raise InvalidValueError(f"{text!r} is not a CSS selector: {str(error).splitlines()[0]}") from None


def check_names(value: Mapping[str, str]) -> None:
    """Raise InvalidValueError unless every name has one correction and every correction is final.

    Names are compared without case and whitespace. A correction is final if it is not itself corrected to
    another name; a name may be corrected to itself.
    """
    corrections = dict[str, str]()
    for printed, name in value.items():
        if not printed.strip() or not name.strip():
            raise InvalidValueError(
                "is an empty name; write a name, or delete the line", subkey=f'."{printed}"'
            )
        key, corrected = normalise_spelling(printed), normalise_spelling(name)
        if corrections.setdefault(key, corrected) != corrected:
            raise InvalidValueError(
                "occurs twice, apart from case and whitespace; keep one", subkey=f'."{printed}"'
            )
    for printed, name in value.items():
        corrected = normalise_spelling(name)
        if corrections.get(corrected, corrected) != corrected:
            raise InvalidValueError(
                f"is {name!r}, which is itself corrected; write the final name", subkey=f'."{printed}"'
            )
