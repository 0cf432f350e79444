"""Automations of Prefect's server: a webhook for runs that need manual action, and one for dead runs.

`newsetl serve --webhook URL` creates the first. `python -m newsetl.flows.automations URL` creates both on the
server that PREFECT_API_URL names. Existing ones are replaced.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from typing import Any

from prefect.automations import Automation
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ActionTypes, CallWebhook, ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.types import SecretDict
from pydantic import SecretStr

from .reporting import STOPPED

WEBHOOK_AUTOMATION, DEAD_RUN_AUTOMATION = (
    "newsetl: a run needs a person",
    "newsetl: a run without a sign of life is crashed",
)
STATES = ("Degraded", "Failed", "Crashed")
# Template with the flow run and its new state; tojson escapes quotes in a message.
PAYLOAD = (
    '{"run": {{ flow_run.name | tojson }}, "state": {{ flow_run.state.name | tojson }}, '
    '"message": {{ (flow_run.state.message or "") | tojson }}, "url": {{ flow_run | ui_url | tojson }}}'
)
# Filter for the runs of newsetl's deployments, each run by itself.
_OF_EACH_RUN: dict[str, Any] = {
    "match": {"prefect.resource.id": "prefect.flow-run.*"},
    "match_related": {"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.newsetl"},
    "for_each": {"prefect.resource.id"},
    "threshold": 1,
}


async def create_webhook_automation(url: str) -> None:
    """Let Prefect call the URL when a run is Degraded, Failed or Crashed.

    The request body is JSON: run, state, message, and the url of the run's page.
    """
    webhook = Webhook(url=SecretStr(url), headers=SecretDict({"Content-Type": "application/json"}))
    block_id = await webhook.asave("newsetl", overwrite=True)
    trigger = EventTrigger(
        expect={f"prefect.flow-run.{state}" for state in STATES},
        posture=Posture.Reactive,
        within=timedelta(0),
        **_OF_EACH_RUN,
    )
    await _replace_automation(
        WEBHOOK_AUTOMATION, trigger, CallWebhook(block_document_id=block_id, payload=PAYLOAD)
    )


async def create_dead_run_automation(after: timedelta = timedelta(minutes=10)) -> None:
    """Mark runs as Crashed that send no heartbeat for `after`, which is more than three heartbeats.

    Their worker or machine died. `newsetl serve` marks its own dead runs at its start.
    """
    heartbeats = {"prefect.flow-run.Running", "prefect.flow-run.heartbeat"}
    ends = {f"prefect.flow-run.{state}" for state in (*STATES, "Completed", "Cancelled", STOPPED)}
    trigger = EventTrigger(
        after=heartbeats, expect=heartbeats | ends, posture=Posture.Proactive, within=after, **_OF_EACH_RUN
    )
    message = f"no heartbeat for {after}; the next run loads its archived pages"
    await _replace_automation(
        DEAD_RUN_AUTOMATION,
        trigger,
        ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message=message, force=True),
    )


async def _replace_automation(name: str, trigger: EventTrigger, action: ActionTypes) -> None:
    async with get_client() as client:
        for old in await client.read_automations_by_name(name):
            await client.delete_automation(old.id)
    await Automation(name=name, trigger=trigger, actions=[action]).acreate()


async def _create_automations(url: str) -> None:
    await create_webhook_automation(url)
    await create_dead_run_automation()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m newsetl.flows.automations https://example.org/hook")
    asyncio.run(_create_automations(sys.argv[1]))
