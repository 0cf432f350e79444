"""Runs that crashed, were missed or failed while `newsetl serve` was down or running.

These functions are only for a process that serves its deployments alone: no other process runs them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cronsim import CronSim
from prefect import Flow
from prefect.client.orchestration import PrefectClient
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
from prefect.exceptions import ObjectNotFound
from prefect.schedules import Schedule
from prefect.states import Cancelled, Crashed, Scheduled

from .reporting import STOPPED

SKIPPED, CAUGHT_UP, RETRIED = "Skipped", "caught-up", "retry"
# Delay before a retry: a site that was down may be up again.
RETRY = timedelta(minutes=10)
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_ACTIVE_STATES = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]


@dataclass(frozen=True, slots=True)
class ServedDeployment:
    """Deployment and its schedule; None if it is only started manually."""

    flow: Flow[Any, Any]
    name: str
    parameters: Mapping[str, object]
    schedule: Schedule | None = None

    def get_last_due(self, now: datetime) -> datetime | None:
        """Return the last scheduled start before `now`, None without a schedule."""
        if self.schedule is None:
            return None
        if self.schedule.interval:
            return now - (now - EPOCH) % self.schedule.interval
        assert self.schedule.cron
        local_now = now.astimezone(ZoneInfo(self.schedule.timezone or "UTC"))
        return next(CronSim(self.schedule.cron, local_now, reverse=True))


async def is_paused(client: PrefectClient, served: ServedDeployment) -> bool:
    """Return True if the deployment or its schedule was paused manually, which outlasts a restart."""
    try:
        deployment = await client.read_deployment_by_name(f"{served.flow.name}/{served.name}")
    except ObjectNotFound:
        return False
    schedules = deployment.schedules or []
    return deployment.paused or (bool(schedules) and not any(each.active for each in schedules))


async def crash_dead_runs(client: PrefectClient, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Mark runs without a process as Crashed. Return a message by deployment.

    Start runs that were started manually again, once. Call this only before the first run.
    """
    messages = {}
    for run in await _list_runs(client, ids, _ACTIVE_STATES):
        reason = "its process died; the next run loads its archived pages"
        for task_run in await client.read_task_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id])),
            task_run_filter=TaskRunFilter(
                state=TaskRunFilterState(type=TaskRunFilterStateType(any_=_ACTIVE_STATES))
            ),
        ):
            await client.set_task_run_state(task_run.id, Crashed(message=reason), force=True)
        await client.set_flow_run_state(run.id, Crashed(message=reason), force=True)
        assert run.deployment_id
        messages[run.deployment_id] = f"{run.name}: crashed"
        if not run.auto_scheduled and not {CAUGHT_UP, RETRIED}.intersection(run.tags):
            await client.create_flow_run_from_deployment(
                run.deployment_id, parameters=run.parameters, tags=[RETRIED]
            )
            messages[run.deployment_id] += "; started again"
    return messages


async def catch_up(
    client: PrefectClient,
    ids: Mapping[UUID, ServedDeployment],
    dead: Container[UUID] = (),
    now: datetime | None = None,
) -> list[str]:
    """Start each deployment that was due while no server ran, once. Return one message per deployment.

    `dead` are the ids of deployments whose run crashed.
    """
    now, messages = now or datetime.now(UTC), []
    waiting = await _skip_superseded_runs(client, ids)
    for id_, each in ids.items():
        due, deployment = each.get_last_due(now), await client.read_deployment(id_)
        if due is None or deployment.paused:
            continue
        is_missed = id_ in dead or (
            (deployment.created or now) <= due
            and not await _has_finished_run(client, id_, since=due, until=now)
        )
        if id_ in waiting or is_missed:
            messages.append(f"{each.flow.name}/{each.name}: was due {due:%Y-%m-%d %H:%M %Z}; caught up now")
        if id_ not in waiting and is_missed:
            await client.create_flow_run_from_deployment(id_, tags=[CAUGHT_UP])
    return messages


async def retry_failed_runs(client: PrefectClient, ids: Iterable[UUID]) -> None:
    """Retry failed scheduled runs once, ten minutes later, unless the next run is due by then."""
    now = datetime.now(UTC)
    upcoming = {
        run.deployment_id
        for run in await _list_runs(client, ids, [StateType.SCHEDULED], until=now + 2 * RETRY)
    }
    for run in await _list_runs(client, ids, [StateType.FAILED], since=now - timedelta(days=1)):
        is_scheduled = run.auto_scheduled or CAUGHT_UP in run.tags
        if run.deployment_id and run.deployment_id not in upcoming and is_scheduled:
            await client.create_flow_run_from_deployment(
                run.deployment_id,
                tags=[RETRIED],
                state=Scheduled(scheduled_time=now + RETRY),
                idempotency_key=f"{RETRIED} {run.id}",
            )


async def _has_finished_run(client: PrefectClient, id_: UUID, *, since: datetime, until: datetime) -> bool:
    """Return True if a run that was scheduled in the interval finished without a crash or a stop."""
    runs = await client.read_flow_runs(
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
        for run in runs
    )


async def is_due(client: PrefectClient, ids: Iterable[UUID]) -> bool:
    """Return True if a run of one of the deployments should start now."""
    return bool(await _skip_superseded_runs(client, ids)) or bool(
        await client.get_scheduled_flow_runs_for_deployments(list(ids), scheduled_before=datetime.now(UTC))
    )


async def _skip_superseded_runs(client: PrefectClient, ids: Iterable[UUID]) -> set[UUID]:
    """Cancel all but the last overdue run of each deployment. Return the deployments with such a run."""
    waiting = defaultdict[UUID, list[FlowRun]](list)
    for run in await _list_runs(client, ids, [StateType.SCHEDULED], until=datetime.now(UTC)):
        if run.deployment_id and (run.auto_scheduled or CAUGHT_UP in run.tags):
            waiting[run.deployment_id].append(run)
    for runs in waiting.values():
        for run in runs[1:]:
            state: State[Any] = Cancelled(name=SKIPPED, message="superseded by a later run")
            await client.set_flow_run_state(run.id, state, force=True)
    return set(waiting)


async def _list_runs(
    client: PrefectClient,
    ids: Iterable[UUID],
    types: list[StateType],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[FlowRun]:
    """List the runs in these states by scheduled start, latest first."""
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
