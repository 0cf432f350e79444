"""`newsetl serve`: Prefect's server and every deployment in one process, and one run at a time.

What a dead process left standing as running is crashed at the start. What was missed is caught up once.
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

# In UTC: when the channels of Asia are through with their day, and Europe is not.
NIGHTLY_CHECK, NIGHTLY_PUBLISH, WEEKLY_GAPS = "30 1 * * *", "0 2 * * *", "0 3 * * SUN"
# Seconds between two looks for what is due, and until the server must have started.
POLL, START = 3.0, 120.0


def build_deployments(
    folder: DataFolder, *, contact: str | None, base_url: str | None, interval: float | None
) -> tuple[ServedDeployment, ...]:
    """What is served: each source by its own rhythm, or every so many seconds, and what the night is for."""
    data = {"data": str(folder.path.absolute())}
    asking = data | {"contact": contact, "base_url": base_url}
    ingests = []
    for name in sources.list_enabled():
        source = sources.load(name)
        schedule = (
            Interval(timedelta(seconds=interval), anchor_date=EPOCH)
            if interval
            else Cron(source.schedule, timezone=source.timezone.key)
        )
        ingests.append(ServedDeployment(ingest, name, asking | {"source_names": [name]}, schedule))
    return (
        *ingests,
        ServedDeployment(backfill, "manual", asking),
        ServedDeployment(reparse, "manual", data | {"base_url": base_url}),
        ServedDeployment(check, "nightly", data, Cron(NIGHTLY_CHECK)),
        ServedDeployment(publish, "nightly", data, Cron(NIGHTLY_PUBLISH)),
        ServedDeployment(fill_gaps, "weekly", asking, Cron(WEEKLY_GAPS)),
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
    """Serves until `should_stop`; then the run in hand ends after its page, and all stops.

    Raises ConfigError if the records cannot be used, NewsetlError if the server or the runner breaks down.
    """
    _prepare_database(home)
    home.stop_file.unlink(missing_ok=True)
    with _Server(bound) as server:
        rounds = _Thread(lambda: asyncio.run(_run_loop(tuple(served), webhook, should_stop, print_line)))
        rounds.start()
        while rounds.is_alive() and server.is_alive():
            rounds.join(0.1)
            if should_stop() and not home.stop_file.exists():
                home.stop_file.touch()
        if not rounds.is_alive() and rounds.error:
            raise NewsetlError(f"the runner broke down: {rounds.error}") from rounds.error
        if not server.is_alive():
            raise NewsetlError(f"the server broke down: {server.error or 'see above'}")


def _prepare_database(home: PrefectHome) -> None:
    """The records are there, and of this Prefect."""
    file = home.database
    try:
        asyncio.run(provide_database_interface().create_db())
    except CommandError as error:
        raise ConfigError(
            f"{file}: made by a newer Prefect ({error}); update newsetl, or: {ADVICE}"
        ) from None
    except DatabaseError as error:
        raise ConfigError(f"{file}: cannot be used ({error.orig or error}); {ADVICE}") from None


class _Thread(threading.Thread):
    """A thread that keeps what broke it."""

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
    """Prefect's server, in this process so that it dies with it."""

    def __init__(self, bound: socket.socket) -> None:
        # A page left open in a browser shall not hold up the end.
        config = uvicorn.Config(create_app(final=True), log_level="warning", timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)
        super().__init__(lambda: self._server.run(sockets=[bound]))

    def __enter__(self) -> _Server:
        self.start()
        deadline = time.monotonic() + START
        while not self._server.started:
            if not self.is_alive() or time.monotonic() >= deadline:
                raise NewsetlError(f"Prefect's server did not start: {self.error or 'see above'}")
            time.sleep(0.05)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._server.should_exit = True
        # Who has asked twice does not wait.
        self.join(0 if kind is KeyboardInterrupt else 15)


async def _run_loop(
    served: tuple[ServedDeployment, ...],
    webhook: str | None,
    should_stop: Callable[[], bool],
    print_line: Callable[[str], None],
) -> None:
    # One run at a time, since one folder has one writer; the others wait for their turn.
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
                print_line(f"{each.flow.name}/{each.name}: paused by a person; resume it in Prefect's pages")
            elif each.schedule:
                rhythm = each.schedule.cron or f"every {each.schedule.interval}"
                print_line(f"{each.flow.name}/{each.name}: {rhythm} ({each.schedule.timezone or 'UTC'})")
        print_line("serving; Ctrl-C ends it")
        while not should_stop():
            if await is_due(client, ids):
                await runner.start(run_once=True)
                await retry_failed_runs(client, ids)
            else:
                await asyncio.sleep(POLL)
