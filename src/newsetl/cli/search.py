"""The command `newsetl search`."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsetl.cli.option_values import parse_window
from newsetl.cli.options import DataOption, SinceOption, UntilOption
from newsetl.errors import ConfigError
from newsetl.runtime.data_folder import DataFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsetl.query.search import SearchHit


def search(
    words: Annotated[list[str], typer.Argument(metavar="QUERY", help='Words, -excluded words, "phrases".')],
    since: SinceOption = None,
    until: UntilOption = None,
    section: Annotated[str | None, typer.Option(help="Name of one section. Default: every section.")] = None,
    author: Annotated[
        str | None, typer.Option(help="Author's name as printed. Default: every author.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Name of one source. Default: every source.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of articles.")] = 10,
    fmt: Annotated[str, typer.Option("--format", help="Output format: list, csv or json.")] = "list",
    data: DataOption = Path("data"),
) -> None:
    """Find articles by words; best matches first.

    Articles must have all the words and are ranked by BM25; a word in the title counts five times. Case and
    accents make no difference. Quote the query; if it begins with a minus, put -- before it. In SQL:
    FROM search_articles('quantum -computing').

    Example: newsetl search 'quantum -computing "solid state"' --since 2026-01-01
    """
    from newsetl.query import search as search_

    if fmt not in ("list", "csv", "json"):
        raise ConfigError(f"--format {fmt}: use list, csv or json")
    window = parse_window(since, until)
    result = search_.search_articles(
        DataFolder(data).published,
        " ".join(words),
        since=window.since,
        until=window.until,
        section=section,
        author=author,
        source=source,
        limit=limit,
    )
    {"list": _print_list, "csv": _write_csv, "json": _write_json}[fmt](result.hits)
    if result.pending:
        print(f"{result.pending} articles are not indexed yet; the next run adds them", file=sys.stderr)


def _print_list(hits: Sequence[SearchHit]) -> None:
    import textwrap

    from newsetl.text.whitespace import replace_unprintable

    for hit in hits:
        origin = ", ".join(filter(None, (hit.source, hit.section, *hit.authors)))
        print(replace_unprintable(f"{hit.published_on}  {textwrap.shorten(hit.title, 300)}  ({origin})"))
        print(
            textwrap.fill(
                replace_unprintable(hit.snippet), 100, initial_indent="    ", subsequent_indent="    "
            )
        )
        print(replace_unprintable(f"    {hit.url or hit.article_id}\n"))
    if not hits:
        print("nothing found")


def _write_csv(hits: Sequence[SearchHit]) -> None:
    from dataclasses import fields

    from newsetl.query.search import SearchHit

    names = [field.name for field in fields(SearchHit)]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for hit in hits:
        row = _to_json(hit)
        row["authors"] = json.dumps(row["authors"], ensure_ascii=False)
        writer.writerow(row[name] for name in names)


def _write_json(hits: Sequence[SearchHit]) -> None:
    print(json.dumps([_to_json(hit) for hit in hits], ensure_ascii=False, indent=1))


def _to_json(hit: SearchHit) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(hit) | {
        "published_on": hit.published_on.isoformat(),
        "published_at": hit.published_at.isoformat(),
        "article_id": str(hit.article_id),
    }
