"""The command `newsetl serve`."""

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
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 for any free port.")
    ] = DEFAULT_PORT,
    interval: Annotated[
        float | None,
        typer.Option(
            "--interval",
            min=1,
            help="Seconds between two ingests of a source. Default: the schedule in its source file.",
        ),
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="URL to call when a run is Degraded, Failed or Crashed. Default: none."
        ),
    ] = None,
    show_status: Annotated[
        bool, typer.Option("--status", help="Only the status of the running server.")
    ] = False,
    data: DataOption = Path("data"),
    contact: ContactOption = None,
    base_url: BaseUrlOption = None,
) -> None:
    """Run every job on its schedule until Ctrl-C.

    Each source is ingested on its own schedule, in its timezone. Every night the warehouse is checked and
    published with a report; every week the gaps in the coverage are filled. Start a backfill yourself in
    Prefect's UI. One run goes at a time, and the others wait. Runs missed while the server was down are
    caught up once. The server listens on this machine only; its database is in prefect/ in the data
    directory.

    Ctrl-C or SIGTERM finishes the current page, loads it and exits with status 0. With --status, the exit
    status is 1 if no server runs.

    Example: newsetl serve --contact you@example.org
    """
    from newsetl.fetch.exchange import check_contact
    from newsetl.runtime import lock, prefect_home
    from newsetl.text.absolute_url import parse_http_url

    folder = DataFolder(data)
    home = prefect_home.PrefectHome.for_folder(folder)
    if show_status:
        for line in prefect_home.format_status(home):
            print(line)
        return
    check_contact(contact, is_required=base_url is None)
    if webhook and parse_http_url(webhook) is None:
        raise ConfigError(f"--webhook {webhook}: not a URL; write one such as https://example.org/hook")
    advice = "newsetl serve --status shows that server"
    with (
        lock.hold_lock(home.path, timeout=0, advice=advice),
        prefect_home.bind_port(port) as bound,
        catch_stop_signals() as should_stop,
    ):
        home.check_database()
        # Prefect reads its settings on import.
        os.environ.update(prefect_home.build_settings(home, bound.getsockname()[1]))
        url = f"http://{prefect_home.HOST}:{bound.getsockname()[1]}"
        with show_progress("serve", "starting Prefect's server"):
            from newsetl.flows import serve as serve_
        print(f"starting Prefect's server at {url}", flush=True)
        prefect_home.ServerAddress(url, os.getpid()).write(home.address_file)
        serve_.serve(
            serve_.build_deployments(folder, contact=contact, base_url=base_url, interval=interval),
            bound,
            home,
            webhook=webhook,
            should_stop=should_stop,
            print_line=lambda line: print(line, flush=True),
        )
    print("stopped")
