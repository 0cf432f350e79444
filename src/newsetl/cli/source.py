"""The commands about sources themselves: list them, draft one, look its file over, try it on live pages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsetl import sources
from newsetl.cli.app import FAILED, OK, SOME_REFUSED, Commands
from newsetl.cli.options import At, Contact
from newsetl.cli.progress import counting
from newsetl.cli.warehouse_access import now, source_at
from newsetl.errors import ConfigError, NewsetlError, SourceError
from newsetl.sources import registry

if TYPE_CHECKING:
    from newsetl.authoring.live_check import Trial


ARTICLES = 3

source_app = Commands(help="A source's own file: draft it, look it over, try it.", no_args_is_help=True)


@source_app.command("list")
def list_sources() -> None:
    """The sources that newsetl knows, where each is declared, and what its file was checked against.

    Example: newsetl source list
    """
    for name, file in sorted(registry.found().items()):
        source, pad = sources.load(name), " " * 12
        print(f"{source.slug:<12} {source.name}\n{pad} {source.home}  ({source.timezone}, {source.language})")
        if source.verified:
            print(f"{pad} {source.verified}")
        if not file.is_packaged or file.hidden:
            instead = f", in place of {', '.join(file.hidden)}" if file.hidden else ""
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
    contact: Contact = None,
    at: At = None,
) -> None:
    """Look at a front page and three articles, and write a source file with what was found.

    Beside it, in stories/, one of the articles is kept with what was read in it: fill the blanks, marked ?,
    and correct what is wrong; `newsetl source lint` compares. Nothing that exists is overwritten.

    Example: newsetl source new https://www.example.org/news/ --output my-sources --contact you@example.org
    """
    from newsetl.authoring.draft import drafted, write

    named = os.environ.get(registry.VARIABLE, "").partition(os.pathsep)[0]
    if output is None and not named:
        raise ConfigError("no folder to write to: add --output DIR, and name it with --source-dir DIR later")
    with counting("source new", "asking for the front page") as tell:
        draft = drafted(url, slug=slug, at=at, contact=contact, articles=ARTICLES, clock=now, tell=tell)
    is_taken = draft.source.slug in sources.known()
    written = write(draft, output or Path(named))
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
    from newsetl.authoring.lint import doubts

    wrong = doubtful = 0
    for path, name in _files(paths):
        said: list[tuple[str, str]] = []
        try:
            source = sources.load_file(path) if path else sources.load(name)
            said += [("warning", doubt) for doubt in doubts(source)]
            folder = examples.folder_of(path) if path else None
            for story, difference in examples.differences(source, folder) if folder else ():
                kind = "warning" if difference.endswith("page says") else "error"
                said.append((kind, f"{story.name}: {difference}"))
        except NewsetlError as error:
            lines = error.wrong if isinstance(error, SourceError) else (str(error),)
            said += [("error", line.removeprefix(f"{name}: ")) for line in lines]
        kinds = [kind for kind, _ in said]
        wrong, doubtful = wrong + kinds.count("error"), doubtful + kinds.count("warning")
        print(
            f"{name}: "
            + (f"{kinds.count('error')} errors, {kinds.count('warning')} warnings" if said else "ok")
        )
        for kind, line in said:
            print(f"  {kind}  {line}")
    raise typer.Exit(FAILED if wrong else SOME_REFUSED if doubtful else OK)


def _files(paths: list[Path] | None) -> list[tuple[Path | None, str]]:
    """Each file with the name to call it; a packaged one has no path."""
    if paths:
        return [(path, str(path)) for path in paths]
    return [
        (None if file.is_packaged else Path(file.name), slug)
        for slug, file in sorted(registry.found().items())
    ]


@source_app.command()
def check(
    name: Annotated[str, typer.Argument(metavar="SOURCE", help="The source.")],
    count: Annotated[int, typer.Option("--articles", min=1, max=20, help="How many articles.")] = ARTICLES,
    contact: Contact = None,
    at: At = None,
) -> None:
    """Ask a source for its index, some listings and a few articles; show what was found, and where.

    Nothing is kept. Exit status: 0 if all was found, 3 if something is missing, 1 if no article was read.

    Example: newsetl source check stdaily --contact you@example.org
    """
    from newsetl.authoring import live_check
    from newsetl.fetch.client import Client
    from newsetl.normalise import article_json

    source = source_at(name, at)
    with (
        counting(name, "asking for the index page") as tell,
        Client(source, contact=contact, keep=lambda capture: capture) as client,
    ):
        found = live_check.tried(source, client, count=count, clock=now, tell=tell)
    for place, what in found.places:
        print(f"{place}\n  {what}")
    for page in found.pages:
        print(article_json.fields(page, source, page.url or ""))
    _summed_up(found)
    raise typer.Exit(OK if not found.missing else SOME_REFUSED if found.articles else FAILED)


def _summed_up(found: Trial) -> None:
    from newsetl.authoring.live_check import FIELDS

    counts = ", ".join(f"{field} {found.read[field]}" for field in FIELDS)
    print(f"found on {len(found.pages)} pages: {counts}")
    for line in found.missing:
        print(f"missing  {line}")
