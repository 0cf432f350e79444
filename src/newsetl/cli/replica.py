"""`newsetl replica`."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, cast

import typer

from newsetl.cli.options import SinceOption, UntilOption
from newsetl.errors import ConfigError
from newsetl.runtime.signals import catch_stop_signals

if TYPE_CHECKING:
    from newsetl.replica.other_sites import Layout


replica_app = typer.Typer(help="A small channel on this machine, to try things on.", no_args_is_help=True)


@replica_app.command("serve")
def serve_replica(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1, 0 for any.")] = 8765,
    articles: Annotated[int, typer.Option(min=1, help="How many articles.")] = 120,
    since: SinceOption = None,
    until: UntilOption = None,
    seed: Annotated[int, typer.Option(help="Another seed makes other articles.")] = 1,
    layout: Annotated[
        str | None,
        typer.Option(help="json-ld or meta-tags: the same stories on a site that is built otherwise."),
    ] = None,
) -> None:
    """Serve a small English channel until Ctrl-C, in the shapes of the real one.

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
        served = MockServer(
            MockSite(articles=articles, since=first, until=last, seed=seed),
            port=port,
            layout=cast("Layout | None", layout),
        )
    except OSError as error:
        raise ConfigError(
            f"port {port} cannot be served ({error.strerror}); choose another with --port"
        ) from None
    with served as replica:
        home = replica.base_url + ("/" if layout else "/web/English/index.html")
        print(f"{home}: {articles} articles, {first} to {last}. Ctrl-C ends it.")
        try_ = (
            "source new https://www.example.org/ --output my-sources"
            if layout
            else "ingest stdaily --data replica-data"
        )
        print(f"Try: newsetl {try_} --base-url {replica.base_url}", flush=True)
        with catch_stop_signals(is_quiet=True) as should_stop:
            while not should_stop():
                time.sleep(0.1)
        print(f"{len(replica.requests)} requests answered")
