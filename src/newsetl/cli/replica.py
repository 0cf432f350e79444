"""The command `newsetl replica serve`."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, cast

import typer

from newsetl.errors import ConfigError
from newsetl.runtime.signals import catch_stop_signals

if TYPE_CHECKING:
    from newsetl.replica.other_sites import Layout


replica_app = typer.Typer(help="Serve a mock site on this machine.", no_args_is_help=True)


@replica_app.command("serve")
def serve_replica(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 for any free port.")
    ] = 8765,
    articles: Annotated[int, typer.Option(min=1, help="Number of articles.")] = 120,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="First day. Default: 29 days before the last."
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Last day. Default: yesterday."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the random articles.")] = 1,
    layout: Annotated[
        str | None,
        typer.Option(help="Other page layout: json-ld or meta-tags. Default: stdaily.com's."),
    ] = None,
) -> None:
    """Serve the mock site until Ctrl-C.

    Example: newsetl replica serve --articles 400 --since 2026-01-01
    """
    from newsetl.replica import MockServer, MockSite

    if layout not in (None, "json-ld", "meta-tags"):
        raise ConfigError(f"--layout {layout}: use json-ld or meta-tags")
    last: date = until.date() if until else datetime.now(UTC).date() - timedelta(days=1)
    first = since.date() if since else last - timedelta(days=29)
    if first > last:
        raise ConfigError(f"--since {first} is after --until {last}; exchange them")
    try:
        server = MockServer(
            MockSite(articles=articles, since=first, until=last, seed=seed),
            port=port,
            layout=cast("Layout | None", layout),
        )
    except OSError as error:
        raise ConfigError(
            f"port {port}: cannot be opened ({error.strerror}); choose another with --port"
        ) from None
    with server:
        home = server.base_url + ("/" if layout else "/web/English/index.html")
        print(f"{home}: {articles} articles, {first} to {last}. Ctrl-C stops the server.")
        example = (
            "source new https://www.example.org/ --output my-sources"
            if layout
            else "ingest stdaily --data replica-data"
        )
        print(f"Try: newsetl {example} --base-url {server.base_url}", flush=True)
        with catch_stop_signals(is_quiet=True) as should_stop:
            while not should_stop():
                time.sleep(0.1)
        print(f"{len(server.requests)} requests served")
