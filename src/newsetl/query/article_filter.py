"""Which articles somebody wants, and the query that gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

import duckdb

from newsetl.errors import ConfigError

# Newest last, and the same at every time.
ORDER_BY = "ORDER BY published_on, published_at, article_id"


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Days in the source's timezone, both included; a source's slug; a section. None is all of them."""

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
        """With days as dates or as YYYY-MM-DD. Raises ConfigError."""
        made = cls(_parse_day(since, "since"), _parse_day(until, "until"), source, section)
        if made.since and made.until and made.since > made.until:
            raise ConfigError(f"since {made.since} is after until {made.until}; exchange them")
        return made

    @property
    def conditions(self) -> str:
        """What a row of articles_flat must be."""
        terms = {
            "since": "published_on >= $since",
            "until": "published_on <= $until",
            "source": "source = $source",
            "section": "section = $section",
        }
        return " AND ".join(term for name, term in terms.items() if getattr(self, name) is not None) or "true"

    @property
    def parameters(self) -> dict[str, Any]:
        """What `conditions` names."""
        named = {"since": self.since, "until": self.until, "source": self.source, "section": self.section}
        return {name: value for name, value in named.items() if value is not None}


def select_columns(connection: duckdb.DuckDBPyConnection, names: Sequence[str] | None) -> dict[str, str]:
    """Column → type, of articles_flat, in the order wanted. Raises ConfigError for one that it lacks."""
    there = {name: kind for name, kind, *_ in connection.execute("DESCRIBE articles_flat").fetchall()}
    if missing := [name for name in names or () if name not in there]:
        raise ConfigError(f"no column {missing[0]!r}; there are: {', '.join(there)}")
    return {name: there[name] for name in names} if names else there


def build_query(
    connection: duckdb.DuckDBPyConnection, selection: ArticleFilter, columns: Sequence[str] | None = None
) -> str:
    """The query for the articles' rows, whose parameters are `chosen.parameters`."""
    names = ", ".join(f'"{name}"' for name in select_columns(connection, columns))
    return f"SELECT {names} FROM articles_flat WHERE {selection.conditions} {ORDER_BY}"


def _parse_day(given: date | str | None, name: str) -> date | None:
    if isinstance(given, datetime):
        raise ConfigError(f"{name}: a day, such as {given.date()}, not a time")
    if not isinstance(given, str):
        return given
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ConfigError(f"{name} {given!r}: write it as YYYY-MM-DD") from None
