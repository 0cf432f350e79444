"""Strict reader of TOML tables that reports every problem with file, key and fix."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from newsetl.errors import SourceError
from newsetl.sources.error_collection import collect_errors
from newsetl.sources.toml_checks import (
    InvalidValueError,
    check_cron,
    check_names,
    check_pattern,
    check_prefix,
    check_selector,
    check_timezone,
    check_url,
)

T = TypeVar("T")
V = TypeVar("V")
P = ParamSpec("P")


class TomlTable:
    """One table of a source file.

    `defaults` has the values of keys that may be left out. Problems are collected; `raise_problems` raises
    them together with the unknown keys, which are those that no method has read.
    """

    def __init__(
        self,
        file: str,
        path: str,
        values: Mapping[str, Any],
        defaults: Mapping[str, Any] | None = None,
        problems: list[str] | None = None,
    ) -> None:
        self._file, self._path, self._values = file, path, values
        self._defaults = defaults or {}
        self._known_keys: dict[str, None] = {}
        self._subtables: list[TomlTable] = []
        self.problems = [] if problems is None else problems
        self.is_reading = False

    def _fail(self, key: str, problem: str) -> NoReturn:
        raise SourceError(f"{self._file}: {self._path}{key}: {problem}")

    def _get(self, key: str, kind: type[T], expected: str, *, required: bool = True) -> T | None:
        self._known_keys[key] = None
        if key not in self._values and key not in self._defaults:
            if required:
                self._fail(key, f"is missing; add {key} = {expected}")
            return None
        value = self._values[key] if key in self._values else self._defaults[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self._fail(key, f"is {value!r}; write {expected}")
        return value

    def _require(self, key: str, kind: type[T], expected: str) -> T:
        value = self._get(key, kind, expected)
        assert value is not None
        return value

    def _check(
        self, key: str, check: Callable[Concatenate[V, P], T], value: V, *more: P.args, **named: P.kwargs
    ) -> T:
        """Return `check(value, …)`. Raise SourceError with the key if the value is invalid."""
        try:
            return check(value, *more, **named)
        except InvalidValueError as error:
            self._fail(f"{key}{error.subkey}", str(error))

    def has(self, key: str) -> bool:
        """Return True if the file has the key, and mark the key as known."""
        self._known_keys[key] = None
        return key in self._values

    def get_given_keys(self) -> frozenset[str]:
        """Return the keys that are set and not empty in the file itself."""
        return frozenset(key for key, value in self._values.items() if value or value is False)

    def reject_value(self, key: str, problem: str) -> NoReturn:
        """Raise SourceError for a value that conflicts with other keys."""
        self._fail(key, problem)

    @collect_errors(False)
    def get_flag(self, key: str, *, default: bool) -> bool:
        """Return a boolean."""
        return self._require(key, bool, "true or false") if self.has(key) else default

    @collect_errors("")
    def get_text(self, key: str) -> str:
        """Return a non-empty string."""
        value = self._require(key, str, '"a text"')
        if not value.strip():
            self._fail(key, "is empty; write a text")
        return value

    @collect_errors("")
    def get_choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """Return a string that is one of `allowed`."""
        value = self.get_text(key)
        if allowed and value not in allowed:
            self._fail(key, f"is {value!r}; write one of {', '.join(allowed)}")
        return value

    @collect_errors("")
    def get_slug(self, key: str) -> str:
        """Return a slug: lower-case letters, digits and underscores, beginning with a letter."""
        value = self.get_text(key)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
            self._fail(key, f"is {value!r}; use lower-case letters, digits and _ only")
        return value

    @collect_errors(())
    def get_texts(self, key: str, *, minimum: int = 0) -> tuple[str, ...]:
        """Return a list of at least `minimum` non-empty strings."""
        value = self._require(key, list, '["a list", "of texts"]')
        if not all(isinstance(item, str) and item.strip() for item in value):
            self._fail(key, f"is {value!r}; write a list of texts, none of them empty")
        if len(value) < minimum:
            self._fail(key, f"is too short; give at least {minimum}")
        return tuple(value)

    @collect_errors(1)
    def get_integer(self, key: str, *, minimum: int, default: int | None = None) -> int:
        """Return an integer of at least `minimum`; `default` is for a key that is left out."""
        if default is not None and not self.has(key):
            return default
        value = self._require(key, int, "a whole number")
        if value < minimum:
            self._fail(key, f"is {value}; the minimum is {minimum}")
        return value

    @collect_errors(())
    def get_integers(self, key: str) -> tuple[int, ...]:
        """Return a list of integers."""
        value = self._require(key, list, "[a list of whole numbers]")
        if not all(type(item) is int for item in value):
            self._fail(key, f"is {value!r}; write a list of whole numbers")
        return tuple(value)

    @collect_errors(1.0)
    def get_number(self, key: str, *, minimum: float, default: float | None = None) -> float:
        """Return a finite number of at least `minimum`; `default` is for a key that is left out."""
        if default is not None and not self.has(key):
            return default
        if isinstance(self._values.get(key, self._defaults.get(key)), int):
            return self.get_integer(key, minimum=math.ceil(minimum))
        value = self._require(key, float, "a number")
        if not minimum <= value < math.inf:
            self._fail(key, f"is {value}; the minimum is {minimum}")
        return value

    @collect_errors("")
    def get_url(self, key: str) -> str:
        """Return an absolute http or https URL."""
        return self._check(key, check_url, self.get_text(key))

    @collect_errors(())
    def get_urls(self, key: str) -> tuple[str, ...]:
        """Return a list of absolute http or https URLs, which may be empty."""
        return tuple(self._check(key, check_url, url) for url in self.get_texts(key))

    @collect_errors(())
    def get_prefixes(
        self, key: str, *, hosts: tuple[str, ...], placeholders: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Return at least one URL prefix without scheme, on one of `hosts`, with {placeholders}."""
        for text in (value := self.get_texts(key, minimum=1)):
            self._check(key, check_prefix, text, hosts=hosts, placeholders=placeholders)
        return value

    @collect_errors(ZoneInfo("UTC"))
    def get_timezone(self, key: str) -> ZoneInfo:
        """Return an IANA time zone."""
        return self._check(key, check_timezone, self.get_text(key))

    @collect_errors("")
    def get_cron(self, key: str, *, default: str) -> str:
        """Return a cron expression of five fields; `default` is for a key that is left out."""
        if not self.has(key):
            return default
        return self._check(key, check_cron, self.get_text(key), example=default)

    @collect_errors(date(2000, 1, 1))
    def get_date(self, key: str) -> date:
        """Return a TOML date; the time of a TOML datetime is dropped."""
        value = self._require(key, date, "a date such as 2021-07-01, without quotes")
        return value.date() if isinstance(value, datetime) else value

    @collect_errors(re.compile(""))
    def get_pattern(self, key: str, *, known: tuple[str, ...] | None = None) -> re.Pattern[str]:
        """Return a regular expression whose named groups are all in `known`, if `known` is given."""
        return self._check(key, check_pattern, self.get_text(key), known=known)

    @collect_errors(())
    def get_patterns(
        self,
        key: str,
        *,
        groups: tuple[str, ...] = (),
        known: tuple[str, ...] | None = None,
        placeholders: Mapping[str, str] | None = None,
    ) -> tuple[re.Pattern[str], ...]:
        """Return a list of regular expressions with all named `groups` and none outside of `known`.

        A name of `placeholders` in braces, such as {date}, is replaced by its regular expression.
        """
        return tuple(
            self._check(key, check_pattern, text, groups=groups, known=known, placeholders=placeholders)
            for text in self.get_texts(key)
        )

    @collect_errors(())
    def get_selectors(self, key: str) -> tuple[str, ...]:
        """Return a list of CSS selectors."""
        for text in (value := self.get_texts(key)):
            self._check(key, check_selector, text)
        return value

    @collect_errors({})
    def get_mapping(
        self, key: str, *, required: bool = True, known: tuple[str, ...] | None = None
    ) -> Mapping[str, str]:
        """Return a table of strings whose keys are all in `known`, if `known` is given."""
        value = self._get(key, dict, '{ "name" = "a text" }', required=required) or {}
        if not all(isinstance(item, str) for item in value.values()):
            self._fail(key, f"is {value!r}; write texts only")
        if known is not None and (unknown := [name for name in value if name not in known]):
            self._fail(f"{key}.{unknown[0]}", f"is an unknown key; use one of {', '.join(known)}")
        return dict(value)

    @collect_errors({})
    def get_names(self, key: str) -> Mapping[str, str]:
        """Return a table of names and their corrections, which may be left out; see `check_names`."""
        self._check(key, check_names, value := self.get_mapping(key, required=False))
        return value

    def get_table(self, key: str) -> TomlTable:
        """Return a subtable; add a problem if it is missing."""
        path, defaults, self._known_keys[key] = f"{self._path}{key}.", self._defaults.get(key), None
        try:
            if key not in self._values:
                self._fail(key, f"is missing; add the table [{key}]")
            values = self._require(key, dict, f"[{key}]")
        except SourceError as error:
            self.problems.append(str(error))
            # The problems of this empty table are dropped: the missing table is reported already.
            return TomlTable(self._file, path, {}, defaults)
        self._subtables.append(TomlTable(self._file, path, values, defaults, self.problems))
        return self._subtables[-1]

    def get_table_or_defaults(self, key: str) -> TomlTable:
        """Return a subtable, with the defaults only if it is left out."""
        if not self.has(key):
            return TomlTable(self._file, f"{self._path}{key}.", {}, self._defaults.get(key), self.problems)
        return self.get_table(key)

    @collect_errors(None)
    def parse_optional_table(self, key: str, parse: Callable[[TomlTable], T]) -> T | None:
        """Return `parse(subtable)`, or None if the subtable is left out."""
        return parse(self.get_table(key)) if self.has(key) else None

    @collect_errors(())
    def get_tables(self, key: str) -> tuple[TomlTable, ...]:
        """Return an array of at least one table."""
        value = self._require(key, list, f"[[{key}]]")
        if not value or not all(isinstance(item, dict) for item in value):
            self._fail(key, f"is no array of tables; write one or more [[{key}]]")
        tables = [
            TomlTable(self._file, f"{self._path}{key}[{n}].", item, problems=self.problems)
            for n, item in enumerate(value, 1)
        ]
        self._subtables.extend(tables)
        return tuple(tables)

    def raise_problems(self) -> None:
        """Raise SourceError with all problems, including unknown keys."""
        self._report_unknown_keys()
        if self.problems:
            raise SourceError(*self.problems)

    def _report_unknown_keys(self) -> None:
        known = ", ".join(sorted(self._known_keys))
        self.problems += [
            f"{self._file}: {self._path}{key}: is an unknown key; use one of {known}"
            for key in self._values
            if key not in self._known_keys
        ]
        for subtable in self._subtables:
            subtable._report_unknown_keys()
