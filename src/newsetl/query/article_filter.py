"""Filter for articles, and the SQL query for the rows of articles_flat that match it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

import duckdb

from newsetl.errors import ConfigError

# Oldest first; article_id makes the order total.
ORDER_BY = "ORDER BY published_on, published_at, article_id"


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Filter by days in the source's timezone (both included), source slug and section; None matches all."""

    since: date | None = None
    until: date | None = None
    source: str | None = None
    section: str | None = None

    @classmethod
    def parse(
        cls,
        *,
        since: date | str | None = None,
        until: date | str | None = None,
        source: str | None = None,
        section: str | None = None,
    ) -> Self:
        """Return a filter; days are dates or YYYY-MM-DD. Raise ConfigError for an invalid day or range."""
        parsed = cls(_parse_day(since, "since"), _parse_day(until, "until"), source, section)
        if parsed.since and parsed.until and parsed.since > parsed.until:
            raise ConfigError(f"since {parsed.since}: after until {parsed.until}; exchange them")
        return parsed

    @property
    def conditions(self) -> str:
        """SQL condition for rows of articles_flat, with the names of `parameters`."""
        terms = {
            "since": "published_on >= $since",
            "until": "published_on <= $until",
            "source": "source = $source",
            "section": "section = $section",
        }
        return " AND ".join(term for name, term in terms.items() if getattr(self, name) is not None) or "true"

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of `conditions`."""
        values = {"since": self.since, "until": self.until, "source": self.source, "section": self.section}
        return {name: value for name, value in values.items() if value is not None}


def select_columns(connection: duckdb.DuckDBPyConnection, names: Sequence[str] | None) -> dict[str, str]:
    """Return column → type of articles_flat in the requested order, all columns if `names` is empty.

    Raise ConfigError for an unknown column.
    """
    types = {name: kind for name, kind, *_ in connection.execute("DESCRIBE articles_flat").fetchall()}
    if missing := [name for name in names or () if name not in types]:
        raise ConfigError(f"{missing[0]!r}: unknown column; use one of: {', '.join(types)}")
    return {name: types[name] for name in names} if names else types


def build_query(
    connection: duckdb.DuckDBPyConnection, selection: ArticleFilter, columns: Sequence[str] | None = None
) -> str:
    """Return the query for the selected articles, to be run with `selection.parameters`."""
    names = ", ".join(f'"{name}"' for name in select_columns(connection, columns))
    return f"SELECT {names} FROM articles_flat WHERE {selection.conditions} {ORDER_BY}"


def _parse_day(value: date | str | None, name: str) -> date | None:
    if isinstance(value, datetime):
        raise ConfigError(f"{name} {value}: must be a day, not a time; write {value.date()}")
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ConfigError(f"{name} {value!r}: no date; write YYYY-MM-DD") from None
