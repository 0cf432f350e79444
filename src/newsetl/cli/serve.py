"""The command that runs everything on its schedule: serve."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from newsetl.cli.options import BaseUrlOption, ContactOption, DataOption
from newsetl.cli.progress import show_progress
from newsetl.errors import ConfigError
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.signals import catch_stop_signals

DEFAULT_PORT = 4200


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1, 0 for any.")] = DEFAULT_PORT,
    every: Annotated[
        float | None,
        typer.Option(
            "--interval",
            min=1,
            help="Ingest every so many seconds, not by the schedule in each source's file.",
        ),
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Is called with each run that ends as Degraded, Failed or Crashed."),
    ] = None,
    is_asked: Annotated[bool, typer.Option("--status", help="Say what is served, and stop.")] = False,
    data: DataOption = Path("data"),
    contact: ContactOption = None,
    at: BaseUrlOption = None,
) -> None:
    """Run everything on its schedule until Ctrl-C, with Prefect's pages to watch it.

    Each source is ingested by its own rhythm, in its timezone; every night the warehouse is checked,
    published and reported on, and every week the ledger's gaps are filled. A backfill is started by hand.
    One run goes at a time, and the others wait. After a crash or a weekend, what was missed is caught up
    once. The server listens on this machine only; its records are in the folder prefect in the data folder.

    Ctrl-C or SIGTERM lets the page in hand be finished and loaded. Exit status: 0 then; with --status 1 if
    nothing is served.

    Example: newsetl serve --contact you@example.org
    """
    from newsetl.fetch.exchange import check_contact
    from newsetl.runtime import lock, prefect_home
    from newsetl.text.absolute_url import parse_http_url

    folder = DataFolder(data)
    home = prefect_home.PrefectHome.for_folder(folder)
    if is_asked:
        for line in prefect_home.format_status(home):
            print(line)
        return
    check_contact(contact, is_required=at is None)
    if webhook and parse_http_url(webhook) is None:
        raise ConfigError(f"--webhook {webhook}: write a whole address such as https://example.org/hook")
    advice = "newsetl serve --status tells of it"
    with (
        lock.hold_lock(home.path, timeout=0, advice=advice),
        prefect_home.bind_port(port) as bound,
        catch_stop_signals() as should_stop,
    ):
        home.check_database()
        # Prefect reads its settings when it is imported.
        os.environ.update(prefect_home.build_settings(home, bound.getsockname()[1]))
        url = f"http://{prefect_home.HOST}:{bound.getsockname()[1]}"
        with show_progress("serve", "starting Prefect's server"):
            from newsetl.flows import serve as served
        print(f"starting Prefect's server at {url}", flush=True)
        prefect_home.ServerAddress(url, os.getpid()).write(home.address_file)
        served.serve(
            served.build_deployments(folder, contact=contact, base_url=at, interval=every),
            bound,
            home,
            webhook=webhook,
            should_stop=should_stop,
            print_line=lambda line: print(line, flush=True),
        )
    print("stopped")
