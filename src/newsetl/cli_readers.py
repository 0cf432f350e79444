"""The commands for who reads: the copy that everybody opens, files, what changed, and a report."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from newsetl import sources
from newsetl.cli_kept import OneSource, there
from newsetl.errors import ConfigError, WarehouseError
from newsetl.folder import DataFolder
from newsetl.lock import WAIT
from newsetl.options import Data, Since, Until, Wait, counting, format_of, writing

if TYPE_CHECKING:
    from newsetl.export import Format

FORMATS = ("parquet", "csv", "jsonl")


def add(app: typer.Typer) -> None:
    """The commands are part of `app`."""
    for command in (publish, export, diff, report):
        app.command()(command)


def publish(data: Data = Path("data"), wait: Wait = WAIT) -> None:
    """Copy the warehouse to news.duckdb, which everybody opens, and bring it to this newsetl's schema.

    Every run does so by itself; this is for a copy that was lost or damaged, or after an upgrade.

    Example: newsetl publish
    """
    from newsetl import standing

    folder = there(data)
    with writing(folder, wait) as warehouse:
        started = time.monotonic()
        if note := warehouse.publish():
            raise WarehouseError(note)
        seconds = time.monotonic() - started
    size = folder.published.stat().st_size / 1e6
    print(f"{folder.published}: {standing.publication(folder.published)}, {size:.1f} MB, {seconds:.1f} s")


def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file; with --partition-by the folder for the files.")
    ],
    fmt: Annotated[
        str | None,
        typer.Option("--format", help="parquet, csv or jsonl; by the ending of --output, else parquet."),
    ] = None,
    partition_by: Annotated[
        str | None, typer.Option("--partition-by", metavar="month", help="A file for each month.")
    ] = None,
    since: Since = None,
    until: Until = None,
    source: OneSource = None,
    section: Annotated[str | None, typer.Option("--section", help="Only this section.")] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", help="Columns of articles_flat, with commas; all if none.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what an export has left there.")] = False,
    data: Data = Path("data"),
) -> None:
    """Write the articles to a file, or to a folder with a file for each month (month=2026-07/…).

    Rows are those of articles_flat, text included, the oldest first. Times are in UTC and say so; lists are
    lists, in CSV joined with "; ". The output is whole when it has its name. Days are those of the
    source's timezone.

    Example: newsetl export --output articles.parquet --since 2026-01-01
    """
    from newsetl.chosen import Chosen
    from newsetl.export import export as export_

    fmt = format_of(None if partition_by else output, fmt, FORMATS, otherwise="parquet")
    if partition_by not in (None, "month"):
        raise ConfigError(f"--partition-by {partition_by}: only month is possible")
    if source is not None:
        sources.load(source)
    written = export_(
        DataFolder(data).published,
        output,
        format=cast("Format", fmt),
        wanted=Chosen.of(
            since=since.date() if since else None,
            until=until.date() if until else None,
            source=source,
            section=section,
        ),
        columns=[name.strip() for name in columns.split(",")] if columns else None,
        is_by_month=partition_by is not None,
        is_forced=force,
    )
    for file in written if partition_by else ():
        print(f"  {file.month}: {file.articles} articles")
    size = sum(file.path.stat().st_size for file in written) / 1e6
    files = f" in {len(written)} files" if partition_by else ""
    print(f"{output}: {sum(file.articles for file in written)} articles{files}, {size:.1f} MB")


def diff(
    article: Annotated[
        str, typer.Argument(metavar="ARTICLE", help="Its address, or how its article_id begins.")
    ],
    revision: Annotated[
        int | None,
        typer.Option("--revision", metavar="N", help="Against the one before it; the last by default."),
    ] = None,
    is_whole: Annotated[bool, typer.Option("--whole", help="What is as before, too.")] = False,
    data: Data = Path("data"),
) -> None:
    """Show how an article was changed on the site, word by word: [-removed-] {+added+}, or in colours.

    Example: newsetl diff https://www.stdaily.com/web/English/2026-08/22/content_567828.html
    """
    from rich.console import Console

    from newsetl import revisions

    found = revisions.history(there(data).published, article)
    before, after = found.step(revision)
    console = Console(highlight=False, soft_wrap=True)
    for line in revisions.lines(found, before, after, is_whole=is_whole, is_plain=not console.is_terminal):
        console.print(line)


def report(
    source: OneSource = None,
    since: Since = None,
    until: Until = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file.")] = Path("report.html"),
    is_opened: Annotated[bool, typer.Option("--open", help="Show it in a browser.")] = False,
    data: Data = Path("data"),
) -> None:
    """Write one HTML page about the warehouse, with charts and a table to filter; it needs no network.

    Days are those of the source's timezone. Of many articles the newest two thousand are in the table; the
    numbers are of all. An older report is replaced, any other file is not.

    Example: newsetl report --since 2026-01-01 --open
    """
    import webbrowser

    from newsetl import report as report_
    from newsetl.chosen import Chosen

    if source is not None:
        sources.load(source)
    wanted = Chosen.of(
        since=since.date() if since else None, until=until.date() if until else None, source=source
    )
    with counting("report", "looking") as tell:
        written = report_.write(DataFolder(data).published, output, wanted=wanted, tell=tell)
    print(f"{output}: {written.articles} articles, {written.size / 1e6:.1f} MB")
    if is_opened and not webbrowser.open(output.resolve().as_uri()):
        raise ConfigError(f"no browser found; open {output} in one")
