"""`newsetl parse`."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsetl import sources
from newsetl.cli.app import SOME_REJECTED
from newsetl.cli.option_values import read_url_map
from newsetl.cli.options import BaseUrlOption, ContactOption
from newsetl.cli.warehouse_access import load_source, now
from newsetl.errors import ConfigError
from newsetl.model import Capture
from newsetl.sources import config
from newsetl.sources.generic import build_generic_source
from newsetl.text.absolute_url import parse_http_url

if TYPE_CHECKING:
    from newsetl.fetch.client import Client
    from newsetl.model import Article, Reject


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
    contact: ContactOption = None,
    at: BaseUrlOption = None,
) -> None:
    """Read pages and show every field, with where it was found. Touches no database.

    A page of no source is read by what it says of itself: JSON-LD, meta tags, the By line, its text.
    Exit status: 0 if all were articles, 3 if some were refused, 2 for bad usage.

    Example: newsetl parse saved/*.html --urls addresses.tsv --json
    """
    from newsetl.normalise import article_json
    from newsetl.pipeline import ingest, parse_page

    if at and not source:
        raise ConfigError("--base-url goes with --source, whose twin it serves")
    chosen = load_source(source, at) if source else None
    if url and (urls or len(pages) != 1):
        raise ConfigError("--url goes with one page alone; for several write a file for --urls")
    addresses = read_url_map(urls, is_strict=False) if urls else {}
    for page in pages:
        if not _is_url(page):
            _check_readable(Path(page))
    known = {} if chosen else _map_hosts()
    rejected = False
    with ExitStack() as stack:
        # One client a source, so that the pause between two addresses is kept.
        clients: dict[str, Client] = {}
        for page in pages:
            address = (
                page
                if _is_url(page)
                else url or addresses.get(page) or addresses.get(str(Path(page).resolve())) or ""
            )
            declared = chosen or known.get(_get_host(address)) or build_generic_source(address)
            outcome: Article | Reject
            if _is_url(page):
                if declared.home not in clients:
                    clients[declared.home] = stack.enter_context(_open_client(declared, contact))
                outcome = ingest.fetch_article(clients[declared.home], page, declared, clock=now)
            else:
                outcome = parse_page.parse_page(_read_saved_page(Path(page), address, declared), declared)
            rejected = rejected or not hasattr(outcome, "text")
            if as_json:
                print(
                    json.dumps(article_json.build_article_json(outcome, declared, page), ensure_ascii=False)
                )
            else:
                print(article_json.format_article(outcome, declared, page))
    if rejected:
        raise typer.Exit(SOME_REJECTED)


def _is_url(page: str) -> bool:
    return page.startswith(("http://", "https://"))


def _map_hosts() -> dict[str, config.Source]:
    """The sources by their hosts."""
    return {host: source for source in map(sources.load, sources.list_all()) for host in source.hosts}


def _get_host(address: str) -> str:
    parts = parse_http_url(address)
    return parts.netloc.casefold() if parts else ""


def _check_readable(path: Path) -> None:
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path}: no file; name the pages in it, such as {path}/*.html")
        with path.open("rb"):
            pass
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None


def _read_saved_page(path: Path, address: str, source: config.Source) -> Capture:
    from newsetl.authoring.examples import build_capture

    with path.open("rb") as file:
        # One byte more than a page may have is enough to refuse it.
        body = file.read(source.fetch.max_bytes + 1)
    return build_capture(source, body, address)


def _open_client(source: config.Source, contact: str | None) -> Client:
    from newsetl.fetch.client import Client

    return Client(source, contact=contact, store=lambda capture: capture)
