"""The commands that show articles: diff."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from newsetl.folder import DataFolder
from newsetl.options import Data


def add(app: typer.Typer) -> None:
    """The commands are part of `app`."""
    app.command()(diff)


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

    found = revisions.history(DataFolder(data).warehouse, article)
    before, after = found.step(revision)
    console = Console(highlight=False, soft_wrap=True)
    for line in revisions.lines(found, before, after, is_whole=is_whole, is_plain=not console.is_terminal):
        console.print(line)
