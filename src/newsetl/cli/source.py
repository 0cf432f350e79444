"""The commands `newsetl source list`, `new`, `lint` and `check`."""

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

source_app = SourceDirTyper(help="List, draft, lint and check source files.", no_args_is_help=True)


@source_app.command("list")
def list_sources() -> None:
    """List the known sources and their files.

    For each source: name, home page, timezone, language, when its file was verified, and its path.

    Example: newsetl source list
    """
    for name, file in sorted(registry.find_source_files().items()):
        source, pad = sources.load(name), " " * 12
        print(f"{source.slug:<12} {source.name}\n{pad} {source.home}  ({source.timezone}, {source.language})")
        if source.verified:
            print(f"{pad} {source.verified}")
        if not file.is_packaged or file.shadowed:
            shadowed = f", in place of {', '.join(file.shadowed)}" if file.shadowed else ""
            print(f"{pad} from {file}{shadowed}")
        if not source.enabled:
            print(f"{pad} disabled: ingested only if named")


@source_app.command()
def new(
    url: Annotated[str, typer.Argument(metavar="URL", help="Home page of the site.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Directory for the file. Default: the first --source-dir."
        ),
    ] = None,
    slug: Annotated[
        str | None, typer.Option("--slug", help="Short name of the source. Default: from the host.")
    ] = None,
    contact: ContactOption = None,
    base_url: BaseUrlOption = None,
) -> None:
    """Draft a source file from a site's home page.

    The home page and three articles are fetched. One article is stored beside the file, in stories/, with its
    parsed values: fill the blanks, marked ?, and correct the values; `newsetl source lint` compares. Existing
    files are not overwritten.

    Example: newsetl source new https://www.example.org/news/ --output my-sources --contact you@example.org
    """
    from newsetl.authoring.draft import draft_source, write_draft

    folder = os.environ.get(registry.SOURCES_VARIABLE, "").partition(os.pathsep)[0]
    if output is None and not folder:
        raise ConfigError(
            "no directory for the source file; add --output DIR, and give --source-dir DIR later"
        )
    with show_progress("source new", "fetching the home page") as update:
        draft = draft_source(
            url,
            slug=slug,
            base_url=base_url,
            contact=contact,
            articles=DEFAULT_ARTICLES,
            clock=now,
            on_progress=update,
        )
    is_taken = draft.source.slug in sources.list_all()
    written = write_draft(draft, output or Path(folder))
    for line in draft.notes:
        print(line)
    if is_taken:
        print(
            f"{draft.source.slug}: this source exists; the new file takes precedence, or give another --slug"
        )
    forms = len(draft.source.url_forms)
    print(f"{written}: {forms} URL pattern{'s' * (forms != 1)} from {draft.pages} articles")
    print(f"Next: newsetl source lint {written}")
    print(f"      newsetl source check {draft.source.slug} --source-dir {written.parent}")


@source_app.command()
def lint(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Source files. Default: every known one.")
    ] = None,
) -> None:
    """Check source files offline for errors and warnings.

    The examples beside your own file, stories/SLUG/*.json, are parsed and compared too. Exit status: 0 for no
    problem, 3 for warnings, 1 for errors in a file or an example that is parsed differently.

    Example: newsetl source lint my-sources/example.toml
    """
    from newsetl.authoring import examples
    from newsetl.authoring.lint import find_warnings

    errors = warnings = 0
    for path, name in _list_files(paths):
        problems: list[tuple[str, str]] = []
        try:
            source = sources.load_file(path) if path else sources.load(name)
            problems += [("warning", warning) for warning in find_warnings(source)]
            folder = examples.get_examples_folder(path) if path else None
            for example, difference in examples.compare_examples(source, folder) if folder else ():
                kind = "warning" if difference.endswith("page says") else "error"
                problems.append((kind, f"{example.name}: {difference}"))
        except NewsetlError as error:
            lines = error.problems if isinstance(error, SourceError) else (str(error),)
            problems += [("error", line.removeprefix(f"{name}: ")) for line in lines]
        kinds = [kind for kind, _ in problems]
        errors, warnings = errors + kinds.count("error"), warnings + kinds.count("warning")
        print(
            f"{name}: "
            + (f"{kinds.count('error')} errors, {kinds.count('warning')} warnings" if problems else "ok")
        )
        for kind, line in problems:
            print(f"  {kind}  {line}")
    raise typer.Exit(FAILED if errors else SOME_REJECTED if warnings else OK)


def _list_files(paths: list[Path] | None) -> list[tuple[Path | None, str]]:
    """Return each file's path and display name. The path is None for a packaged file."""
    if paths:
        return [(path, str(path)) for path in paths]
    return [
        (None if file.is_packaged else Path(file.name), slug)
        for slug, file in sorted(registry.find_source_files().items())
    ]


@source_app.command()
def check(
    name: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source.")],
    count: Annotated[
        int, typer.Option("--articles", min=1, max=20, help="Number of articles to fetch.")
    ] = DEFAULT_ARTICLES,
    contact: ContactOption = None,
    base_url: BaseUrlOption = None,
) -> None:
    """Try a source on its live site.

    The start pages, some listings and a few articles are fetched and shown with the provenance of each value.
    Nothing is stored. Exit status: 0 if every field was found, 3 if one is missing, 1 without any article.

    Example: newsetl source check stdaily --contact you@example.org
    """
    from newsetl.authoring import live_check
    from newsetl.fetch.client import Client
    from newsetl.normalise import article_json

    source = load_source(name, base_url)
    with (
        show_progress(name, "fetching the start pages") as update,
        Client(source, contact=contact, store=lambda capture: capture) as client,
    ):
        result = live_check.check_source(source, client, count=count, clock=now, on_progress=update)
    for url, line in result.discovery_pages:
        print(f"{url}\n  {line}")
    for page in result.pages:
        print(article_json.format_fields(page, source, page.url or ""))
    _print_field_counts(result)
    raise typer.Exit(OK if not result.missing else SOME_REJECTED if result.articles else FAILED)


def _print_field_counts(result: LiveCheck) -> None:
    from newsetl.authoring.live_check import CHECKED_FIELDS

    counts = ", ".join(f"{field} {result.field_counts[field]}" for field in CHECKED_FIELDS)
    print(f"found on {len(result.pages)} pages: {counts}")
    for line in result.missing:
        print(f"missing  {line}")
