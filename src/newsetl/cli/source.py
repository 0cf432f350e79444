"""The commands about sources themselves: list them, draft one, look its file over, try it on live pages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsetl import sources
from newsetl.cli.app import FAILED, OK, SOME_REJECTED, SourceDirTyper
from newsetl.cli.options import BaseUrlOption, ContactOption
from newsetl.cli.progress import show_progress
from newsetl.cli.warehouse_access import load_source, now
from newsetl.errors import ConfigError, NewsetlError, SourceError
from newsetl.sources import registry

if TYPE_CHECKING:
    from newsetl.authoring.live_check import LiveCheck


DEFAULT_ARTICLES = 3

source_app = SourceDirTyper(help="A source's own file: draft it, look it over, try it.", no_args_is_help=True)


@source_app.command("list")
def list_sources() -> None:
    """The sources that newsetl knows, where each is declared, and what its file was checked against.

    Example: newsetl source list
    """
    for name, file in sorted(registry.find_source_files().items()):
        source, pad = sources.load(name), " " * 12
        print(f"{source.slug:<12} {source.name}\n{pad} {source.home}  ({source.timezone}, {source.language})")
        if source.verified:
            print(f"{pad} {source.verified}")
        if not file.is_packaged or file.shadowed:
            instead = f", in place of {', '.join(file.shadowed)}" if file.shadowed else ""
            print(f"{pad} from {file}{instead}")
        if not source.enabled:
            print(f"{pad} read only if it is named")


@source_app.command()
def new(
    url: Annotated[str, typer.Argument(metavar="URL", help="The channel's front page.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Folder for the file; else the first of --source-dir."
        ),
    ] = None,
    slug: Annotated[
        str | None, typer.Option("--slug", help="Its short name; else made from the host.")
    ] = None,
    contact: ContactOption = None,
    at: BaseUrlOption = None,
) -> None:
    """Look at a front page and three articles, and write a source file with what was found.

    Beside it, in stories/, one of the articles is kept with what was read in it: fill the blanks, marked ?,
    and correct what is wrong; `newsetl source lint` compares. Nothing that exists is overwritten.

    Example: newsetl source new https://www.example.org/news/ --output my-sources --contact you@example.org
    """
    from newsetl.authoring.draft import draft_source, write_draft

    named = os.environ.get(registry.SOURCES_VARIABLE, "").partition(os.pathsep)[0]
    if output is None and not named:
        raise ConfigError("no folder to write to: add --output DIR, and name it with --source-dir DIR later")
    with show_progress("source new", "asking for the front page") as tell:
        draft = draft_source(
            url,
            slug=slug,
            base_url=at,
            contact=contact,
            articles=DEFAULT_ARTICLES,
            clock=now,
            on_progress=tell,
        )
    is_taken = draft.source.slug in sources.list_all()
    written = write_draft(draft, output or Path(named))
    for line in draft.notes:
        print(line)
    if is_taken:
        print(
            f"{draft.source.slug}: there is such a source; this file stands before it, or give --slug another"
        )
    forms = len(draft.source.url_forms)
    print(f"{written}: {forms} form{'s' * (forms != 1)} of addresses, {draft.pages} articles looked at")
    print(f"Next: newsetl source lint {written}")
    print(f"      newsetl source check {draft.source.slug} --source-dir {written.parent}")


@source_app.command()
def lint(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Source files; all that are known if none.")
    ] = None,
) -> None:
    """Look source files over without a network: all that is wrong, and what is doubtful.

    The stories beside a file of yours, stories/SLUG/*.json, are read, too. Exit status: 0 for nothing to say,
    3 for warnings, 1 if a file is wrong or a story is read otherwise than it says.

    Example: newsetl source lint my-sources/example.toml
    """
    from newsetl.authoring import examples
    from newsetl.authoring.lint import find_warnings

    wrong = doubtful = 0
    for path, name in _list_files(paths):
        said: list[tuple[str, str]] = []
        try:
            source = sources.load_file(path) if path else sources.load(name)
            said += [("warning", doubt) for doubt in find_warnings(source)]
            folder = examples.get_examples_folder(path) if path else None
            for story, difference in examples.compare_examples(source, folder) if folder else ():
                kind = "warning" if difference.endswith("page says") else "error"
                said.append((kind, f"{story.name}: {difference}"))
        except NewsetlError as error:
            lines = error.problems if isinstance(error, SourceError) else (str(error),)
            said += [("error", line.removeprefix(f"{name}: ")) for line in lines]
        kinds = [kind for kind, _ in said]
        wrong, doubtful = wrong + kinds.count("error"), doubtful + kinds.count("warning")
        print(
            f"{name}: "
            + (f"{kinds.count('error')} errors, {kinds.count('warning')} warnings" if said else "ok")
        )
        for kind, line in said:
            print(f"  {kind}  {line}")
    raise typer.Exit(FAILED if wrong else SOME_REJECTED if doubtful else OK)


def _list_files(paths: list[Path] | None) -> list[tuple[Path | None, str]]:
    """Each file with the name to call it; a packaged one has no path."""
    if paths:
        return [(path, str(path)) for path in paths]
    return [
        (None if file.is_packaged else Path(file.name), slug)
        for slug, file in sorted(registry.find_source_files().items())
    ]


@source_app.command()
def check(
    name: Annotated[str, typer.Argument(metavar="SOURCE", help="The source.")],
    count: Annotated[
        int, typer.Option("--articles", min=1, max=20, help="How many articles.")
    ] = DEFAULT_ARTICLES,
    contact: ContactOption = None,
    at: BaseUrlOption = None,
) -> None:
    """Ask a source for its index, some listings and a few articles; show what was found, and where.

    Nothing is kept. Exit status: 0 if all was found, 3 if something is missing, 1 if no article was read.

    Example: newsetl source check stdaily --contact you@example.org
    """
    from newsetl.authoring import live_check
    from newsetl.fetch.client import Client
    from newsetl.normalise import article_json

    source = load_source(name, at)
    with (
        show_progress(name, "asking for the index page") as tell,
        Client(source, contact=contact, store=lambda capture: capture) as client,
    ):
        found = live_check.check_source(source, client, count=count, clock=now, on_progress=tell)
    for place, what in found.discovery_pages:
        print(f"{place}\n  {what}")
    for page in found.pages:
        print(article_json.format_fields(page, source, page.url or ""))
    _print_field_counts(found)
    raise typer.Exit(OK if not found.missing else SOME_REJECTED if found.articles else FAILED)


def _print_field_counts(found: LiveCheck) -> None:
    from newsetl.authoring.live_check import CHECKED_FIELDS

    counts = ", ".join(f"{field} {found.field_counts[field]}" for field in CHECKED_FIELDS)
    print(f"found on {len(found.pages)} pages: {counts}")
    for line in found.missing:
        print(f"missing  {line}")
