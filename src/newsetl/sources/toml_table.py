"""A TOML table, read strictly: every key asked for once, every complaint with file, key and fix."""

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
    WrongValue,
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
    """One table of a source file; `done` complains of all that is `wrong`, and of keys that nobody asked for.

    What `defaults` has may be left out.
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

    def _get(self, key: str, kind: type[T], what: str, *, required: bool = True) -> T | None:
        self._known_keys[key] = None
        if key not in self._values and key not in self._defaults:
            if required:
                self._fail(key, f"is missing; add {key} = {what}")
            return None
        value = self._values[key] if key in self._values else self._defaults[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self._fail(key, f"is {value!r}, but must be {what}")
        return value

    def _require(self, key: str, kind: type[T], what: str) -> T:
        value = self._get(key, kind, what)
        assert value is not None
        return value

    def _checked(
        self, key: str, check: Callable[Concatenate[V, P], T], value: V, *more: P.args, **named: P.kwargs
    ) -> T:
        """What `check` returns of the value. Raises SourceError with the key if it is wrong."""
        try:
            return check(value, *more, **named)
        except WrongValue as error:
            self._fail(f"{key}{error.at}", str(error))

    def has(self, key: str) -> bool:
        """True if the key is there; asking makes it one that may be."""
        self._known_keys[key] = None
        return key in self._values

    def get_given_keys(self) -> frozenset[str]:
        """The keys that the file itself has and does not leave empty."""
        return frozenset(key for key, value in self._values.items() if value or value is False)

    def reject_value(self, key: str, problem: str) -> NoReturn:
        """Raise SourceError: the key's value cannot be because of its neighbours."""
        self._fail(key, problem)

    @collect_errors(False)
    def flag(self, key: str, *, default: bool) -> bool:
        """true or false."""
        return self._require(key, bool, "true or false") if self.has(key) else default

    @collect_errors("")
    def text(self, key: str) -> str:
        """A non-empty string."""
        value = self._require(key, str, '"a text"')
        if not value.strip():
            self._fail(key, "is empty; write a text")
        return value

    @collect_errors("")
    def choice(self, key: str, among: tuple[str, ...]) -> str:
        """One of the texts `among`."""
        value = self.text(key)
        if among and value not in among:
            self._fail(key, f"is {value!r}; write one of {', '.join(among)}")
        return value

    @collect_errors("")
    def slug(self, key: str) -> str:
        """Lower-case letters, digits and underscores, beginning with a letter."""
        value = self.text(key)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
            self._fail(key, f"is {value!r}; use lower-case letters, digits and _ only")
        return value

    @collect_errors(())
    def texts(self, key: str, *, least: int = 0) -> tuple[str, ...]:
        """A list of strings, with `least` of them at least."""
        value = self._require(key, list, '["a list", "of texts"]')
        if not all(isinstance(item, str) and item.strip() for item in value):
            self._fail(key, f"is {value!r}, but must be a list of texts, none of them empty")
        if len(value) < least:
            self._fail(key, f"is too short; give at least {least}")
        return tuple(value)

    @collect_errors(1)
    def integer(self, key: str, *, least: int, default: int | None = None) -> int:
        """A whole number from `least` up; `default` for one that may be left out."""
        if default is not None and not self.has(key):
            return default
        value = self._require(key, int, "a whole number")
        if value < least:
            self._fail(key, f"is {value}; the least is {least}")
        return value

    @collect_errors(())
    def integers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        value = self._require(key, list, "[a list of whole numbers]")
        if not all(type(item) is int for item in value):
            self._fail(key, f"is {value!r}, but must be a list of whole numbers")
        return tuple(value)

    @collect_errors(1.0)
    def number(self, key: str, *, least: float, default: float | None = None) -> float:
        """A number from `least` up; `default` for one that may be left out."""
        if default is not None and not self.has(key):
            return default
        if isinstance(self._values.get(key, self._defaults.get(key)), int):
            return self.integer(key, least=math.ceil(least))
        value = self._require(key, float, "a number")
        if not least <= value < math.inf:
            self._fail(key, f"is {value}; the least is {least}")
        return value

    @collect_errors("")
    def url(self, key: str) -> str:
        """An http or https address."""
        return self._checked(key, check_url, self.text(key))

    @collect_errors(())
    def urls(self, key: str) -> tuple[str, ...]:
        """A list of http or https addresses, which may be empty."""
        return tuple(self._checked(key, check_url, url) for url in self.texts(key))

    @collect_errors(())
    def prefixes(self, key: str, *, hosts: tuple[str, ...], placeholders: tuple[str, ...]) -> tuple[str, ...]:
        """At least one beginning of an address on one of `hosts`, without a scheme, with {places} in it."""
        for text in (value := self.texts(key, least=1)):
            self._checked(key, check_prefix, text, hosts=hosts, places=placeholders)
        return value

    @collect_errors(ZoneInfo("UTC"))
    def timezone(self, key: str) -> ZoneInfo:
        """An IANA zone."""
        return self._checked(key, check_timezone, self.text(key))

    @collect_errors("")
    def cron(self, key: str, *, default: str) -> str:
        """A cron expression of five fields; `default` for one that may be left out."""
        if not self.has(key):
            return default
        return self._checked(key, check_cron, self.text(key), example=default)

    @collect_errors(date(2000, 1, 1))
    def day(self, key: str) -> date:
        """A TOML date."""
        value = self._require(key, date, "a date such as 2021-07-01, without quotes")
        return value.date() if isinstance(value, datetime) else value

    @collect_errors(re.compile(""))
    def pattern(self, key: str, *, known: tuple[str, ...] | None = None) -> re.Pattern[str]:
        """A regular expression, whose named groups are all among `known` where these are given."""
        return self._checked(key, check_pattern, self.text(key), known=known)

    @collect_errors(())
    def patterns(
        self,
        key: str,
        *,
        groups: tuple[str, ...] = (),
        known: tuple[str, ...] | None = None,
        placeholders: Mapping[str, str] | None = None,
    ) -> tuple[re.Pattern[str], ...]:
        """A list of regular expressions that have the named `groups`, and no other than those `known`.

        In each a name of `places` in braces, such as {date}, stands for the expression given there.
        """
        return tuple(
            self._checked(key, check_pattern, text, groups=groups, known=known, places=placeholders)
            for text in self.texts(key)
        )

    @collect_errors(())
    def selectors(self, key: str) -> tuple[str, ...]:
        """A list of CSS selectors."""
        for text in (value := self.texts(key)):
            self._checked(key, check_selector, text)
        return value

    @collect_errors({})
    def mapping(
        self, key: str, *, required: bool = True, known: tuple[str, ...] | None = None
    ) -> Mapping[str, str]:
        """A table of texts, whose keys are all among `known` where these are given."""
        value = self._get(key, dict, '{ "name" = "a text" }', required=required) or {}
        if not all(isinstance(item, str) for item in value.values()):
            self._fail(key, f"is {value!r}, but must hold texts only")
        if known is not None and (strange := [name for name in value if name not in known]):
            self._fail(f"{key}.{strange[0]}", f"is not known here; known: {', '.join(known)}")
        return dict(value)

    @collect_errors({})
    def names(self, key: str) -> Mapping[str, str]:
        """A table from names to names, which may be left out; in small letters each is there once.

        A name stands for one that is left alone, or for itself.
        """
        self._checked(key, check_names, value := self.mapping(key, required=False))
        return value

    def table(self, key: str) -> TomlTable:
        """A table within."""
        path, defaults, self._known_keys[key] = f"{self._path}{key}.", self._defaults.get(key), None
        try:
            if key not in self._values:
                self._fail(key, f"is missing; add the table [{key}]")
            values = self._require(key, dict, f"[{key}]")
        except SourceError as error:
            self.problems.append(str(error))
            # What it lacks is said with that.
            return TomlTable(self._file, path, {}, defaults)
        self._subtables.append(TomlTable(self._file, path, values, defaults, self.problems))
        return self._subtables[-1]

    def table_or_defaults(self, key: str) -> TomlTable:
        """A table within that may be left out: it is as if it were empty."""
        if not self.has(key):
            return TomlTable(self._file, f"{self._path}{key}.", {}, self._defaults.get(key), self.problems)
        return self.table(key)

    @collect_errors(None)
    def optional_table(self, key: str, read: Callable[[TomlTable], T]) -> T | None:
        """What `read` makes of a table within that may be left out."""
        return read(self.table(key)) if self.has(key) else None

    @collect_errors(())
    def tables(self, key: str) -> tuple[TomlTable, ...]:
        """An array of tables, at least one."""
        value = self._require(key, list, f"[[{key}]]")
        if not value or not all(isinstance(item, dict) for item in value):
            self._fail(key, f"must be one or more [[{key}]]")
        made = [
            TomlTable(self._file, f"{self._path}{key}[{n}].", item, problems=self.problems)
            for n, item in enumerate(value, 1)
        ]
        self._subtables.extend(made)
        return tuple(made)

    def raise_problems(self) -> None:
        """Raise SourceError if anything was wrong, or if there is a key that nobody asked for."""
        self._report_unknown_keys()
        if self.problems:
            raise SourceError(*self.problems)

    def _report_unknown_keys(self) -> None:
        known = ", ".join(sorted(self._known_keys))
        self.problems += [
            f"{self._file}: {self._path}{key}: is not known here; known: {known}"
            for key in self._values
            if key not in self._known_keys
        ]
        for part in self._subtables:
            part._report_unknown_keys()
