"""Service of `newsetl serve`: Prefect's server and every deployment in one process, one run at a time.

At the start, runs without a process are marked as Crashed and missed runs are caught up once.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import uvicorn
from alembic.util import CommandError
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from prefect.schedules import Cron, Interval
from prefect.server.api.server import create_app
from prefect.server.database import provide_database_interface
from prefect.types.entrypoint import EntrypointType
from sqlalchemy.exc import DatabaseError

from newsetl import sources
from newsetl._version import __version__
from newsetl.errors import ConfigError, NewsetlError
from newsetl.runtime import old_names
from newsetl.runtime.data_folder import DataFolder
from newsetl.runtime.prefect_home import ADVICE, PrefectHome

from .automations import create_webhook_automation
from .backfill import backfill
from .check import check
from .fill_gaps import fill_gaps
from .ingest import ingest
from .missed_runs import (
    EPOCH,
    ServedDeployment,
    catch_up,
    crash_dead_runs,
    is_due,
    is_paused,
    retry_failed_runs,
)
from .publish import publish
from .reparse import reparse

# Cron schedules in UTC: after the end of the day in East Asia and before the morning in Europe.
NIGHTLY_CHECK, NIGHTLY_PUBLISH, WEEKLY_GAPS = "30 1 * * *", "0 2 * * *", "0 3 * * SUN"
# Seconds between two polls for due runs, and the timeout of the server's start.
POLL_SECONDS, START_SECONDS = 3.0, 120.0


def build_deployments(
    folder: DataFolder, *, contact: str | None, base_url: str | None, interval: float | None
) -> tuple[ServedDeployment, ...]:
    """Build the deployments: one ingest per enabled source, and the nightly, weekly and manual flows.

    Each source has its own schedule, or `interval` in seconds if given.
    """
    data = {"data": str(folder.path.absolute())}
    fetching = data | {"contact": contact, "base_url": base_url}
    ingests = []
    for name in sources.list_enabled():
        source = sources.load(name)
        schedule = (
            Interval(timedelta(seconds=interval), anchor_date=EPOCH)
            if interval
            else Cron(source.schedule, timezone=source.timezone.key)
        )
        ingests.append(ServedDeployment(ingest, name, fetching | {"source_names": [name]}, schedule))
    return (
        *ingests,
        ServedDeployment(backfill, "manual", fetching),
        ServedDeployment(reparse, "manual", data | {"base_url": base_url}),
        ServedDeployment(check, "nightly", data, Cron(NIGHTLY_CHECK)),
        ServedDeployment(publish, "nightly", data, Cron(NIGHTLY_PUBLISH)),
        ServedDeployment(fill_gaps, "weekly", fetching, Cron(WEEKLY_GAPS)),
    )


def serve(
    served: Iterable[ServedDeployment],
    bound: socket.socket,
    home: PrefectHome,
    *,
    webhook: str | None,
    should_stop: Callable[[], bool],
    print_line: Callable[[str], None],
) -> None:
    """Serve the deployments until `should_stop`; then finish the current page, load it and return.

    Raise ConfigError if Prefect's database is unusable, NewsetlError if the server or the runner fails.
    """
    _prepare_database(home)
    home.stop_file.unlink(missing_ok=True)
    with _Server(bound) as server:
        loop = _Thread(lambda: asyncio.run(_run_loop(tuple(served), webhook, should_stop, print_line)))
        loop.start()
        while loop.is_alive() and server.is_alive():
            loop.join(0.1)
            if should_stop() and not home.stop_file.exists():
                home.stop_file.touch()
        if not loop.is_alive() and loop.error:
            raise NewsetlError(f"the runner failed: {loop.error}") from loop.error
        if not server.is_alive():
            raise NewsetlError(f"the server failed: {server.error or 'see above'}")


def _prepare_database(home: PrefectHome) -> None:
    """Create or migrate Prefect's database. Raise ConfigError if it is damaged or from a newer Prefect."""
    file = home.database
    try:
        asyncio.run(provide_database_interface().create_db())
    except CommandError as error:
        raise ConfigError(
            f"{file}: created by a newer Prefect ({error}); update newsetl, or {ADVICE}"
        ) from None
    except DatabaseError as error:
        raise ConfigError(f"{file}: cannot be used ({error.orig or error}); {ADVICE}") from None


class _Thread(threading.Thread):
    """Thread that stores its exception in `error`."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self.error = error


class _Server(_Thread):
    """Prefect's server in a thread, so that it ends with this process."""

    def __init__(self, bound: socket.socket) -> None:
        # An open page in a browser must not delay the shutdown.
        config = uvicorn.Config(create_app(final=True), log_level="warning", timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)
        super().__init__(lambda: self._server.run(sockets=[bound]))

    def __enter__(self) -> _Server:
        self.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self.is_alive() or time.monotonic() >= deadline:
                raise NewsetlError(f"Prefect's server did not start: {self.error or 'see above'}")
            time.sleep(0.05)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._server.should_exit = True
        # A second Ctrl-C does not wait.
        self.join(0 if kind is KeyboardInterrupt else 15)


async def _run_loop(
    served: tuple[ServedDeployment, ...],
    webhook: str | None,
    should_stop: Callable[[], bool],
    print_line: Callable[[str], None],
) -> None:
    # One run at a time, since a data directory has one writer; the others wait.
    runner = Runner(name="newsetl", limit=1, pause_on_shutdown=False)
    ids, paused = {}, set[UUID]()
    async with get_client() as client:
        for name in old_names.DEPLOYMENTS:
            with suppress(ObjectNotFound):
                await client.delete_deployment((await client.read_deployment_by_name(name)).id)
        for each in served:
            is_off = await is_paused(client, each)
            deployment = await each.flow.ato_deployment(
                each.name,
                schedule=each.schedule,
                paused=is_off,
                parameters=dict(each.parameters),
                tags=["newsetl"],
                version=__version__,
                entrypoint_type=EntrypointType.MODULE_PATH,
            )
            deployment_id = await runner.aadd_deployment(deployment)
            ids[deployment_id] = each
            if is_off:
                paused.add(deployment_id)
        if webhook:
            await create_webhook_automation(webhook)
        dead = await crash_dead_runs(client, ids)
        for line in [*dead.values(), *await catch_up(client, ids, dead)]:
            print_line(line)
        for deployment_id, each in ids.items():
            if deployment_id in paused:
                print_line(f"{each.flow.name}/{each.name}: paused manually; resume it in Prefect's UI")
            elif each.schedule:
                schedule = each.schedule.cron or f"every {each.schedule.interval}"
                print_line(f"{each.flow.name}/{each.name}: {schedule} ({each.schedule.timezone or 'UTC'})")
        print_line("serving; stop it with Ctrl-C")
        while not should_stop():
            if await is_due(client, ids):
                await runner.start(run_once=True)
                await retry_failed_runs(client, ids)
            else:
                await asyncio.sleep(POLL_SECONDS)
