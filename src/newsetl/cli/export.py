"""`newsetl export`, `newsetl diff` and `newsetl report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from newsetl import sources
from newsetl.cli.option_values import choose_format
from newsetl.cli.options import DataOption, SinceOption, SourceOption, UntilOption
from newsetl.cli.progress import show_progress
from newsetl.cli.warehouse_access import there
from newsetl.errors import ConfigError
from newsetl.runtime.data_folder import DataFolder

if TYPE_CHECKING:
    from newsetl.query.export import Format


FORMATS = ("parquet", "csv", "jsonl")


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
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    section: Annotated[str | None, typer.Option("--section", help="Only this section.")] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", help="Columns of articles_flat, with commas; all if none.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what an export has left there.")] = False,
    data: DataOption = Path("data"),
) -> None:
    """Write the articles to a file, or to a folder with a file for each month (month=2026-07/…).

    Rows are those of articles_flat, text included, the oldest first. Times are in UTC and say so; lists are
    lists, in CSV joined with "; ". The output is whole when it has its name. Days are those of the
    source's timezone.

    Example: newsetl export --output articles.parquet --since 2026-01-01
    """
    from newsetl.query.article_filter import ArticleFilter
    from newsetl.query.export import export as export_

    fmt = choose_format(None if partition_by else output, fmt, FORMATS, default="parquet")
    if partition_by not in (None, "month"):
        raise ConfigError(f"--partition-by {partition_by}: only month is possible")
    if source is not None:
        sources.load(source)
    written = export_(
        DataFolder(data).published,
        output,
        format=cast("Format", fmt),
        selection=ArticleFilter.parse(
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
    data: DataOption = Path("data"),
) -> None:
    """Show how an article was changed on the site, word by word: [-removed-] {+added+}, or in colours.

    Example: newsetl diff https://www.stdaily.com/web/English/2026-08/22/content_567828.html
    """
    from rich.console import Console

    from newsetl.query import revisions

    found = revisions.load_history(there(data).published, article)
    before, after = found.get_change(revision)
    console = Console(highlight=False, soft_wrap=True)
    for line in revisions.format_diff(
        found, before, after, has_full_text=is_whole, is_plain=not console.is_terminal
    ):
        console.print(line)


def report(
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file.")] = Path("report.html"),
    is_opened: Annotated[bool, typer.Option("--open", help="Show it in a browser.")] = False,
    data: DataOption = Path("data"),
) -> None:
    """Write one HTML page about the warehouse, with charts and a table to filter; it needs no network.

    Days are those of the source's timezone. Of many articles the newest two thousand are in the table; the
    numbers are of all. An older report is replaced, any other file is not.

    Example: newsetl report --since 2026-01-01 --open
    """
    import webbrowser

    from newsetl.query import report as report_
    from newsetl.query.article_filter import ArticleFilter

    if source is not None:
        sources.load(source)
    wanted = ArticleFilter.parse(
        since=since.date() if since else None, until=until.date() if until else None, source=source
    )
    with show_progress("report", "looking") as tell:
        written = report_.write_report(DataFolder(data).published, output, selection=wanted, on_progress=tell)
    print(f"{output}: {written.articles} articles, {written.size / 1e6:.1f} MB")
    if is_opened and not webbrowser.open(output.resolve().as_uri()):
        raise ConfigError(f"no browser found; open {output} in one")
