"""The command `newsetl parse`."""

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
    pages: Annotated[list[str], typer.Argument(metavar="PATH-or-URL", help="Saved pages or URLs.")],
    source: Annotated[
        str | None,
        typer.Option(
            "--source", help="Name of the pages' source. Default: by their URLs, else any site's rules."
        ),
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="URL of a single page. Default: by the page itself.")
    ] = None,
    urls: Annotated[
        Path | None, typer.Option("--urls", help="File with lines of path, tab, URL. Default: none.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON, one object per line. Default: text.")
    ] = False,
    contact: ContactOption = None,
    base_url: BaseUrlOption = None,
) -> None:
    """Parse pages and show every field with its provenance.

    No database is read or written. A page of an unknown site is parsed by JSON-LD, meta tags, byline and
    text. Exit status: 0 if every page is an article, 3 if some are rejected, 2 for bad usage.

    Example: newsetl parse saved/*.html --urls addresses.tsv --json
    """
    from newsetl.normalise import article_json
    from newsetl.pipeline import ingest, parse_page

    if base_url and not source:
        raise ConfigError("--base-url needs a source; name it with --source")
    selected = load_source(source, base_url) if source else None
    if url and (urls or len(pages) != 1):
        raise ConfigError("--url goes with a single page; for several pages write a file for --urls")
    urls_by_path = read_url_map(urls, is_strict=False) if urls else {}
    for page in pages:
        if not _is_url(page):
            _check_readable(Path(page))
    sources_by_host = {} if selected else _map_hosts()
    is_any_rejected = False
    with ExitStack() as stack:
        # One client per source, which keeps the minimum delay between two requests.
        clients: dict[str, Client] = {}
        for page in pages:
            page_url = (
                page
                if _is_url(page)
                else url or urls_by_path.get(page) or urls_by_path.get(str(Path(page).resolve())) or ""
            )
            declared = selected or sources_by_host.get(_get_host(page_url)) or build_generic_source(page_url)
            outcome: Article | Reject
            if _is_url(page):
                if declared.home not in clients:
                    clients[declared.home] = stack.enter_context(_open_client(declared, contact))
                outcome = ingest.fetch_article(clients[declared.home], page, declared, clock=now)
            else:
                outcome = parse_page.parse_page(_read_saved_page(Path(page), page_url, declared), declared)
            is_any_rejected = is_any_rejected or not hasattr(outcome, "text")
            if as_json:
                print(
                    json.dumps(article_json.build_article_json(outcome, declared, page), ensure_ascii=False)
                )
            else:
                print(article_json.format_article(outcome, declared, page))
    if is_any_rejected:
        raise typer.Exit(SOME_REJECTED)


def _is_url(page: str) -> bool:
    return page.startswith(("http://", "https://"))


def _map_hosts() -> dict[str, config.Source]:
    """Return host → source for every known source."""
    return {host: source for source in map(sources.load, sources.list_all()) for host in source.hosts}


def _get_host(url: str) -> str:
    parts = parse_http_url(url)
    return parts.netloc.casefold() if parts else ""


def _check_readable(path: Path) -> None:
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path}: a directory; name the pages in it, such as {path}/*.html")
        with path.open("rb"):
            pass
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None


def _read_saved_page(path: Path, url: str, source: config.Source) -> Capture:
    from newsetl.authoring.examples import build_capture

    with path.open("rb") as file:
        # One byte above the limit is enough to reject the page as too large.
        body = file.read(source.fetch.max_bytes + 1)
    return build_capture(source, body, url)


def _open_client(source: config.Source, contact: str | None) -> Client:
    from newsetl.fetch.client import Client

    return Client(source, contact=contact, store=lambda capture: capture)
