"""`newsetl serve`: Prefect's server and every deployment in one process, and one run at a time.

What a dead process left standing as running is crashed at the start. What was missed is caught up once.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import uvicorn
from alembic.util import CommandError
from cronsim import CronSim
from prefect import Flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.runner import Runner
from prefect.schedules import Cron, Interval, Schedule
from prefect.server.api.server import create_app
from prefect.server.database import provide_database_interface
from prefect.states import Cancelled, Crashed, Scheduled
from prefect.types.entrypoint import EntrypointType
from sqlalchemy.exc import DatabaseError

from newsetl import __version__, sources
from newsetl.errors import ConfigError, NewsetlError
from newsetl.folder import DataFolder
from newsetl.serving import ADVICE, Home

from .backfill import backfill
from .check import check
from .gaps import gaps
from .ingest import ingest
from .notify import notify
from .publish import publish
from .telling import STOPPED

# In UTC: when the channels of Asia are through with their day, and Europe is not.
NIGHTLY_CHECK, NIGHTLY_PUBLISH, WEEKLY_GAPS = "30 1 * * *", "0 2 * * *", "0 3 * * SUN"
SKIPPED, CAUGHT_UP, AGAIN = "Skipped", "caught up", "again"
# Seconds between two looks for what is due, and until the server must have started.
POLL, START = 3.0, 120.0
# What is down may be up then.
RETRY = timedelta(minutes=10)
_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_UNDER_WAY = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]


@dataclass(frozen=True, slots=True)
class Served:
    """A deployment and what sets it going; nothing but a person if `schedule` is None."""

    flow: Flow[Any, Any]
    name: str
    parameters: Mapping[str, object]
    schedule: Schedule | None = None

    def last_due(self, now: datetime) -> datetime | None:
        """When it should have been set going last."""
        if self.schedule is None:
            return None
        if self.schedule.interval:
            return now - (now - _EPOCH) % self.schedule.interval
        assert self.schedule.cron
        there = now.astimezone(ZoneInfo(self.schedule.timezone or "UTC"))
        return next(CronSim(self.schedule.cron, there, reverse=True))


def deployments(
    folder: DataFolder, *, contact: str | None, at: str | None, every: float | None
) -> tuple[Served, ...]:
    """What is served: each source by its own rhythm, or every so many seconds, and what the night is for."""
    data = {"data": str(folder.path.absolute())}
    asking = data | {"contact": contact, "at": at}
    ingests = []
    for name in sources.names():
        source = sources.load(name)
        schedule = (
            Interval(timedelta(seconds=every), anchor_date=_EPOCH)
            if every
            else Cron(source.schedule, timezone=source.timezone.key)
        )
        ingests.append(Served(ingest, name, asking | {"source_names": [name]}, schedule))
    return (
        *ingests,
        Served(backfill, "by hand", asking),
        Served(check, "nightly", data, Cron(NIGHTLY_CHECK)),
        Served(publish, "nightly", data, Cron(NIGHTLY_PUBLISH)),
        Served(gaps, "weekly", asking, Cron(WEEKLY_GAPS)),
    )


def run(
    served: Iterable[Served],
    bound: socket.socket,
    home: Home,
    *,
    webhook: str | None,
    should_stop: Callable[[], bool],
    say: Callable[[str], None],
) -> None:
    """Serves until `should_stop`; then the run in hand ends after its page, and all stops.

    Raises ConfigError if the records cannot be used, NewsetlError if the server or the runner breaks down.
    """
    _prepare(home)
    home.stop.unlink(missing_ok=True)
    with _Server(bound) as server:
        rounds = _Thread(lambda: asyncio.run(_rounds(tuple(served), webhook, should_stop, say)))
        rounds.start()
        while rounds.is_alive() and server.is_alive():
            rounds.join(0.1)
            if should_stop() and not home.stop.exists():
                home.stop.touch()
        if not rounds.is_alive() and rounds.error:
            raise NewsetlError(f"the runner broke down: {rounds.error}") from rounds.error
        if not server.is_alive():
            raise NewsetlError(f"the server broke down: {server.error or 'see above'}")


def _prepare(home: Home) -> None:
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


async def _rounds(
    served: tuple[Served, ...],
    webhook: str | None,
    should_stop: Callable[[], bool],
    say: Callable[[str], None],
) -> None:
    # One run at a time, since one folder has one writer; the others wait for their turn.
    runner = Runner(name="newsetl", limit=1, pause_on_shutdown=False)
    ids = {}
    for each in served:
        deployment = await each.flow.ato_deployment(
            each.name,
            schedule=each.schedule,
            parameters=dict(each.parameters),
            tags=["newsetl"],
            version=__version__,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        ids[await runner.aadd_deployment(deployment)] = each
    if webhook:
        await notify(webhook)
    async with get_client() as client:
        dead = await bury(client, ids)
        for line in [*dead.values(), *await catch_up(client, ids, dead)]:
            say(line)
        for each in served:
            if each.schedule:
                rhythm = each.schedule.cron or f"every {each.schedule.interval}"
                say(f"{each.flow.name}/{each.name}: {rhythm} ({each.schedule.timezone or 'UTC'})")
        say("serving; Ctrl-C ends it")
        while not should_stop():
            if await _due(client, ids):
                await runner.start(run_once=True)
                await retry(client, ids)
            else:
                await asyncio.sleep(POLL)


async def bury(client: PrefectClient, ids: Iterable[UUID]) -> dict[UUID, str]:
    """No run stands as running that no process runs: what was under way is crashed; what is said of each.

    What a person had started begins again, once. Only for who serves alone, before the first run.
    """
    dead = {}
    for run in await _runs(client, ids, _UNDER_WAY):
        why = "its process died; what it had kept is loaded by the next run"
        for task_run in await client.read_task_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id])),
            task_run_filter=TaskRunFilter(
                state=TaskRunFilterState(type=TaskRunFilterStateType(any_=_UNDER_WAY))
            ),
        ):
            await client.set_task_run_state(task_run.id, Crashed(message=why), force=True)
        await client.set_flow_run_state(run.id, Crashed(message=why), force=True)
        assert run.deployment_id
        dead[run.deployment_id] = f"{run.name}: had died"
        if not run.auto_scheduled and not {CAUGHT_UP, AGAIN}.intersection(run.tags):
            await client.create_flow_run_from_deployment(
                run.deployment_id, parameters=run.parameters, tags=[AGAIN]
            )
            dead[run.deployment_id] += ", and begins again"
    return dead


async def catch_up(
    client: PrefectClient,
    ids: Mapping[UUID, Served],
    dead: Container[UUID] = (),
    now: datetime | None = None,
) -> list[str]:
    """What should have been set going while nobody served is set going once, however often that was.

    `dead` are deployments whose run has died.
    """
    now, said = now or datetime.now(UTC), []
    waiting = await _skip(client, ids)
    for id_, each in ids.items():
        due, deployment = each.last_due(now), await client.read_deployment(id_)
        if due is None or deployment.paused:
            continue
        is_missed = id_ in dead or (
            (deployment.created or now) <= due and not await _has_run(client, id_, since=due, until=now)
        )
        if id_ in waiting or is_missed:
            said.append(f"{each.flow.name}/{each.name}: was due {due:%Y-%m-%d %H:%M %Z}; caught up now")
        if id_ not in waiting and is_missed:
            await client.create_flow_run_from_deployment(id_, tags=[CAUGHT_UP])
    return said


async def retry(client: PrefectClient, ids: Iterable[UUID]) -> None:
    """A scheduled run that failed goes again ten minutes later, once, unless the next comes soon anyway."""
    now = datetime.now(UTC)
    coming = {
        run.deployment_id for run in await _runs(client, ids, [StateType.SCHEDULED], until=now + 2 * RETRY)
    }
    for run in await _runs(client, ids, [StateType.FAILED], since=now - timedelta(days=1)):
        is_scheduled = run.auto_scheduled or CAUGHT_UP in run.tags
        if run.deployment_id and run.deployment_id not in coming and is_scheduled:
            await client.create_flow_run_from_deployment(
                run.deployment_id,
                tags=[AGAIN],
                state=Scheduled(scheduled_time=now + RETRY),
                idempotency_key=f"{AGAIN} {run.id}",
            )


async def _has_run(client: PrefectClient, id_: UUID, *, since: datetime, until: datetime) -> bool:
    """Whether a run of then got to its own end."""
    found = await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[id_])),
        flow_run_filter=FlowRunFilter(
            expected_start_time=FlowRunFilterExpectedStartTime.model_validate(
                {"after_": since, "before_": until}
            )
        ),
    )
    return any(
        run.state is not None
        and run.state.is_final()
        and not run.state.is_crashed()
        and run.state.name not in (STOPPED, SKIPPED)
        for run in found
    )


async def _due(client: PrefectClient, ids: Iterable[UUID]) -> bool:
    return bool(await _skip(client, ids)) or bool(
        await client.get_scheduled_flow_runs_for_deployments(list(ids), scheduled_before=datetime.now(UTC))
    )


async def _skip(client: PrefectClient, ids: Iterable[UUID]) -> set[UUID]:
    """Of each deployment only the last of the scheduled runs that wait goes on; those that have one."""
    waiting = defaultdict[UUID, list[FlowRun]](list)
    for run in await _runs(client, ids, [StateType.SCHEDULED], until=datetime.now(UTC)):
        if run.deployment_id and (run.auto_scheduled or CAUGHT_UP in run.tags):
            waiting[run.deployment_id].append(run)
    for runs in waiting.values():
        for run in runs[1:]:
            state: State[Any] = Cancelled(name=SKIPPED, message="a later run does its work")
            await client.set_flow_run_state(run.id, state, force=True)
    return set(waiting)


async def _runs(
    client: PrefectClient,
    ids: Iterable[UUID],
    types: list[StateType],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[FlowRun]:
    """The runs of the deployments in these states that were to begin then, the last first."""
    return await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=list(ids))),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=types)),
            expected_start_time=FlowRunFilterExpectedStartTime.model_validate(
                {"after_": since, "before_": until}
            ),
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=200,
    )
