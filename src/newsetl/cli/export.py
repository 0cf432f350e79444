"""The commands `newsetl export`, `newsetl diff` and `newsetl report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from newsetl import sources
from newsetl.cli.option_values import choose_format
from newsetl.cli.options import DataOption, SinceOption, SourceOption, UntilOption
from newsetl.cli.progress import show_progress
from newsetl.cli.warehouse_access import require_warehouse
from newsetl.errors import ConfigError
from newsetl.runtime.data_folder import DataFolder

if TYPE_CHECKING:
    from newsetl.query.export import Format


FORMATS = ("parquet", "csv", "jsonl")


def export(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Output file; with --partition-by, the output directory.")
    ],
    fmt: Annotated[
        str | None,
        typer.Option(
            "--format", help="Format: parquet, csv or jsonl. Default: the ending of --output, else parquet."
        ),
    ] = None,
    partition_by: Annotated[
        str | None,
        typer.Option("--partition-by", metavar="month", help="One file per month. Default: a single file."),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    section: Annotated[
        str | None, typer.Option("--section", help="Name of one section. Default: every section.")
    ] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", help="Columns of articles_flat, with commas. Default: all.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replacement of an older export's files.")] = False,
    data: DataOption = Path("data"),
) -> None:
    """Export articles to Parquet, CSV or JSON lines.

    The rows are the rows of articles_flat, text included, oldest first. Times carry the zone UTC. Lists stay
    lists; in CSV their values are joined with "; ". The file is written atomically. With --partition-by month
    there is one file per month (month=2026-07/…). Days are days in the source's timezone.

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
        str, typer.Argument(metavar="ARTICLE", help="URL of the article, or the beginning of its article_id.")
    ],
    revision: Annotated[
        int | None,
        typer.Option(
            "--revision",
            metavar="N",
            help="Number of the revision to compare with the one before. Default: the last.",
        ),
    ] = None,
    is_whole: Annotated[
        bool, typer.Option("--whole", help="Unchanged text too. Default: changes with some context.")
    ] = False,
    data: DataOption = Path("data"),
) -> None:
    """Show how the site changed an article, word by word.

    Changes are marked as [-removed-] and {+added+}, on a terminal in colours.

    Example: newsetl diff https://www.stdaily.com/web/English/2026-08/22/content_567828.html
    """
    from rich.console import Console

    from newsetl.query import revisions

    history = revisions.load_history(require_warehouse(data).published, article)
    before, after = history.get_change(revision)
    console = Console(highlight=False, soft_wrap=True)
    for line in revisions.format_diff(
        history, before, after, has_full_text=is_whole, is_plain=not console.is_terminal
    ):
        console.print(line)


def report(
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Output file.")] = Path("report.html"),
    is_opened: Annotated[
        bool, typer.Option("--open", help="Report shown in a browser. Default: only written.")
    ] = False,
    data: DataOption = Path("data"),
) -> None:
    """Write an HTML report with charts and a table of articles.

    The report is one file and needs no network. Its table has the newest 2,000 articles; its numbers count
    all of them. An older report is replaced, any other file is not. Days are days in the source's timezone.

    Example: newsetl report --since 2026-01-01 --open
    """
    import webbrowser

    from newsetl.query import report as report_
    from newsetl.query.article_filter import ArticleFilter

    if source is not None:
        sources.load(source)
    selection = ArticleFilter.parse(
        since=since.date() if since else None, until=until.date() if until else None, source=source
    )
    with show_progress("report", "querying") as update:
        written = report_.write_report(
            DataFolder(data).published, output, selection=selection, on_progress=update
        )
    print(f"{output}: {written.articles} articles, {written.size / 1e6:.1f} MB")
    if is_opened and not webbrowser.open(output.resolve().as_uri()):
        raise ConfigError(f"no browser found; open {output} yourself")
