"""The commands. Each reads its options, calls one function and shows what came of it."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from newsetl import (
    __version__,
    cli_import,
    cli_kept,
    cli_past,
    cli_quality,
    cli_readers,
    cli_search,
    cli_serve,
    cli_source,
    garbage,
    sources,
)
from newsetl.errors import ConfigError
from newsetl.folder import DataFolder
from newsetl.lock import WAIT
from newsetl.model import Capture
from newsetl.options import (
    FAILED,
    INTERRUPTED,
    SOME_REFUSED,
    At,
    Commands,
    Contact,
    Data,
    Program,
    Since,
    Until,
    Wait,
    addresses_in,
    counting,
    format_of,
    now,
    source_at,
    stopping,
    window_of,
    writing,
)
from newsetl.sources.check import whole_url
from newsetl.sources.undeclared import undeclared

if TYPE_CHECKING:
    from newsetl.client import Client
    from newsetl.model import Article, Reject
    from newsetl.pipeline import Summary
    from newsetl.replica.layouts import Layout

app = Commands(
    cls=Program,
    help="A news channel as a table: find, fetch, keep, read and load its articles into DuckDB.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
replica_app = typer.Typer(help="A small channel on this machine, to try things on.", no_args_is_help=True)
app.add_typer(replica_app, name="replica")
cli_import.add(app)
cli_kept.add(app)
cli_past.add(app)
cli_quality.add(app)
cli_readers.add(app)
cli_search.add(app)
cli_serve.add(app)
cli_source.add(app)


def main() -> None:
    """The program `newsetl`."""
    garbage.look_rarely()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that has no Chinese letters shows their numbers.
            stream.reconfigure(errors="backslashreplace")
    app()


@app.callback(invoke_without_command=True)
def _version(
    show: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    if show:
        print(f"newsetl {__version__}")
        raise typer.Exit


@app.command()
def demo(
    data: Annotated[Path, typer.Option("--data", help="The demo's own folder.")] = Path("demo-data"),
) -> None:
    """Serve a small channel, ingest it through Prefect, and query the result.

    Example: newsetl demo
    """
    from newsetl import demo as demo_

    demo_.run(DataFolder(data), lambda text: print(text, flush=True))


@app.command()
def ingest(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE", help="Sources; if none, all but those to be named."),
    ] = None,
    since: Since = None,
    until: Until = None,
    data: Data = Path("data"),
    contact: Contact = None,
    at: At = None,
    wait: Wait = WAIT,
) -> None:
    """Find, fetch, keep, read and load what the sources have published and the warehouse lacks.

    Days are those of the source's timezone. Ctrl-C or SIGTERM lets the page in hand be finished and loaded;
    a second one stops at once, and the next start loads what was kept.

    Example: newsetl ingest stdaily --since 2026-11-01 --contact you@example.org
    """
    from newsetl import pipeline, show

    window = window_of(since, until)
    chosen = [source_at(name, at) for name in dict.fromkeys(names or sources.names())]
    folder, failed = DataFolder(data), False
    with stopping() as should_stop, writing(folder, wait) as warehouse:
        for source in chosen:
            with _progress(source.slug) as on_progress:
                summary = pipeline.ingest(
                    source,
                    warehouse,
                    folder.archive,
                    clock=now,
                    contact=contact,
                    window=window,
                    on_progress=on_progress,
                    should_stop=should_stop,
                )
            print(show.outcome_line(summary))
            failed = failed or summary.error is not None
            if should_stop():
                print(
                    f"{source.slug}: stopped; what was fetched is loaded. Run it again to go on.",
                    file=sys.stderr,
                )
                raise typer.Exit(INTERRUPTED)
    if failed:
        raise typer.Exit(FAILED)


@app.command()
def parse(
    pages: Annotated[list[str], typer.Argument(metavar="PATH-or-URL", help="Saved pages, or addresses.")],
    source: Annotated[
        str | None,
        typer.Option(
            "--source", help="The source whose pages they are; by their addresses if none, else any page's."
        ),
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="The address of the one page.")] = None,
    urls: Annotated[Path | None, typer.Option("--urls", help="A file of lines: path, tab, address.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
    contact: Contact = None,
    at: At = None,
) -> None:
    """Read pages and show every field, with where it was found. Touches no database.

    A page of no source is read by what it says of itself: JSON-LD, meta tags, the By line, its text.
    Exit status: 0 if all were articles, 3 if some were refused, 2 for bad usage.

    Example: newsetl parse saved/*.html --urls addresses.tsv --json
    """
    from newsetl import pipeline, reading, show

    if at and not source:
        raise ConfigError("--at goes with --source, whose twin it serves")
    chosen = source_at(source, at) if source else None
    if url and (urls or len(pages) != 1):
        raise ConfigError("--url goes with one page alone; for several write a file for --urls")
    addresses = addresses_in(urls, is_strict=False) if urls else {}
    for page in pages:
        if not _is_url(page):
            _check_readable(Path(page))
    known = {} if chosen else _hosts()
    refused = False
    with ExitStack() as stack:
        # One client a source, so that the pause between two addresses is kept.
        clients: dict[str, Client] = {}
        for page in pages:
            address = (
                page
                if _is_url(page)
                else url or addresses.get(page) or addresses.get(str(Path(page).resolve())) or ""
            )
            declared = chosen or known.get(_host(address)) or undeclared(address)
            outcome: Article | Reject
            if _is_url(page):
                if declared.home not in clients:
                    clients[declared.home] = stack.enter_context(_client(declared, contact))
                outcome = pipeline.look(clients[declared.home], page, declared, clock=now)
            else:
                outcome = reading.read(_saved(Path(page), address, declared), declared)
            refused = refused or not hasattr(outcome, "text")
            if as_json:
                print(json.dumps(show.record(outcome, declared, page), ensure_ascii=False))
            else:
                print(show.sheet(outcome, declared, page))
    if refused:
        raise typer.Exit(SOME_REFUSED)


@app.command()
def sql(
    statement: Annotated[str, typer.Argument(help="A query; the warehouse is opened for reading only.")],
    fmt: Annotated[
        str | None,
        typer.Option(
            "--format", help="table, csv, json, jsonl or parquet; by the ending of --output, else table."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file instead of the terminal.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="WHEN", help="A lake as it was: a time in UTC, or a version."),
    ] = None,
    data: Data = Path("data"),
) -> None:
    """Ask the warehouse a question in SQL.

    The file named with --output is whole when it has its name; what was there is replaced.

    Example: newsetl sql "SELECT section, count(*) FROM articles_flat GROUP BY ALL" --format csv
    """
    from newsetl import query, whole

    folder = DataFolder(data)
    fmt = format_of(output, fmt, ("csv", "json", "jsonl", "parquet"), otherwise="table")
    if output is not None:
        whole.check(output, kept=folder.files)
    place = folder.published if as_of is None else query.past(folder.published, as_of)
    # DuckDB does not look for Ctrl-C while it makes rows; nothing is lost by dying at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    query.write(query.sql(place, statement), format=fmt, output=output)  # type: ignore[arg-type]  # checked above


@app.command()
def status(data: Data = Path("data")) -> None:
    """What the warehouse holds, how each source's last run ended, its calendar, and what needs a person.

    Example: newsetl status
    """
    from newsetl import standing

    standing.show_status(DataFolder(data).published)


@replica_app.command("serve")
def serve_replica(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1, 0 for any.")] = 8765,
    articles: Annotated[int, typer.Option(min=1, help="How many articles.")] = 120,
    since: Since = None,
    until: Until = None,
    seed: Annotated[int, typer.Option(help="Another seed makes other articles.")] = 1,
    layout: Annotated[
        str | None,
        typer.Option(help="json-ld or meta-tags: the same stories on a site that is built otherwise."),
    ] = None,
) -> None:
    """Serve a small English channel until Ctrl-C, in the shapes of the real one.

    Example: newsetl replica serve --articles 400 --since 2026-01-01
    """
    from newsetl.replica import Channel, Replica

    if layout not in (None, "json-ld", "meta-tags"):
        raise ConfigError(f"--layout {layout}: use json-ld or meta-tags")
    last: date = until.date() if until else datetime.now(UTC).date() - timedelta(days=1)
    first = since.date() if since else last - timedelta(days=29)
    if first > last:
        raise ConfigError(f"--since {first} is after --until {last}; exchange them")
    try:
        served = Replica(
            Channel(articles=articles, since=first, until=last, seed=seed),
            port=port,
            layout=cast("Layout | None", layout),
        )
    except OSError as error:
        raise ConfigError(
            f"port {port} cannot be served ({error.strerror}); choose another with --port"
        ) from None
    with served as replica:
        home = replica.base + ("/" if layout else "/web/English/index.html")
        print(f"{home}: {articles} articles, {first} to {last}. Ctrl-C ends it.")
        try_ = (
            "source new https://www.example.org/ --output my-sources"
            if layout
            else "ingest stdaily --data replica-data"
        )
        print(f"Try: newsetl {try_} --at {replica.base}", flush=True)
        with stopping(is_quiet=True) as should_stop:
            while not should_stop():
                time.sleep(0.1)
        print(f"{len(replica.requests)} requests answered")


def _is_url(page: str) -> bool:
    return page.startswith(("http://", "https://"))


def _hosts() -> dict[str, sources.Source]:
    """The sources by their hosts."""
    return {host: source for source in map(sources.load, sources.known()) for host in source.hosts}


def _host(address: str) -> str:
    parts = whole_url(address)
    return parts.netloc.casefold() if parts else ""


def _check_readable(path: Path) -> None:
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path}: no file; name the pages in it, such as {path}/*.html")
        with path.open("rb"):
            pass
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None


def _saved(path: Path, address: str, source: sources.Source) -> Capture:
    from newsetl.stories import capture_of

    with path.open("rb") as file:
        # One byte more than a page may have is enough to refuse it.
        body = file.read(source.fetch.max_bytes + 1)
    return capture_of(source, body, address)


def _client(source: sources.Source, contact: str | None) -> Client:
    from newsetl.client import Client

    return Client(source, contact=contact, keep=lambda capture: capture)


@contextmanager
def _progress(name: str) -> Iterator[_OnProgress]:
    """A line on the terminal that counts; without a terminal, one every ten seconds."""
    started = time.monotonic()
    with counting(name, "asking for the index page") as count:
        yield lambda summary: count(
            f"{summary.fetched} pages fetched, {summary.found} found, {summary.known} known, "
            f"{summary.refused.total()} refused, {time.monotonic() - started:.0f} s"
        )


if TYPE_CHECKING:
    from collections.abc import Callable

    _OnProgress = Callable[[Summary], None]
